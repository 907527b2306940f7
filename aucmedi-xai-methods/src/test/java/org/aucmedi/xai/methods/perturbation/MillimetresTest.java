package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.array.Spacings;
import org.aucmedi.xai.methods.Explained;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes in millimetres of volumes whose slices are 5 mm apart, and pixels 1 mm. */
final class MillimetresTest {

  private static final int[] SIZES = {4, 20, 20};
  private static final Spacing SPACING = new Spacing(5, 1, 1);
  private static final Spacings EVERY = image -> SPACING;

  private final ExplainableModel net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 21));

  private static XAIMethodProvider<?> provider(String key) {
    return new XAIMethodRegistry().get(key);
  }

  private static MethodOptions options(String key, String options) {
    return MethodOptions.parse(
        Profile.PAPER,
        provider(key).description().options(),
        Splitter.on(' ').withKeyValueSeparator('=').split(options + " score=output"));
  }

  private float[] maps(String key, String options, Spacings spacings) {
    XAIMethodBase method = provider(key).create(net, null, options(key, options));
    float[] values = new float[2 * 1600];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    try (NDManager manager = net.newManager()) {
      return Explained.values(
          method.explainRaw(
              manager.create(FloatBuffer.wrap(values), new Shape(2, 1, 4, 20, 20)),
              spacings,
              Target.ofClass(1),
              Progress.NONE));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "occlusionsensitivity, patch=10mm, patch=2x10x10",
    "occlusionsensitivity, patch=5x6.6x10mm, patch=1x7x10",
    "occlusionsensitivity, patch=10mm stride=5mm, patch=2x10x10 stride=1x5x5",
    "occlusionsensitivity, patch=2MM, patch=1x2x2",
    "rise, cells=10mm samples=20, cells=2x2x2 samples=20",
    "rise, cells=3mm samples=20, cells=4x7x7 samples=20",
    "meaningfulperturbation, cells=5mm steps=5 area=0, cells=4x4x4 steps=5 area=0"
  })
  void millimetres_anyMethod_areAsManyPositions(String key, String millimetres, String pixels) {
    float[] found = maps(key, millimetres, EVERY);
    assertThat(found).containsExactly(maps(key, pixels, Spacings.UNKNOWN));
    // The numbers alone, as pixels, would be other maps.
    String numbers = millimetres.replaceAll("(?i)mm", "").replace("6.6", "6");
    assertThat(found).isNotEqualTo(maps(key, numbers, EVERY));
  }

  @Test
  void millimetres_imagesOfUnequalSpacing_eachHasItsOwn() {
    Spacings unequal = image -> image == 0 ? SPACING : new Spacing(10, 2, 2);
    float[] found = maps("occlusionsensitivity", "patch=10mm", unequal);
    float[] first = maps("occlusionsensitivity", "patch=2x10x10", Spacings.UNKNOWN);
    float[] second = maps("occlusionsensitivity", "patch=1x5x5", Spacings.UNKNOWN);
    assertThat(Arrays.copyOf(found, 1600)).containsExactly(Arrays.copyOf(first, 1600));
    assertThat(Arrays.copyOfRange(found, 1600, 3200))
        .containsExactly(Arrays.copyOfRange(second, 1600, 3200));
  }

  @ParameterizedTest
  @CsvSource({
    "occlusionsensitivity, patch=10mm, 10mm",
    "occlusionsensitivity, stride=10mm, 10mm",
    "rise, cells=10mm samples=20, 10mm",
    "meaningfulperturbation, cells=5x10x10mm steps=2, 5x10x10mm",
    "featureablation, distances=mm, distances=millimetres",
    "xrai, distances=mm steps=2, distances=millimetres"
  })
  void millimetres_spacingNotKnown_areRefusedWithTheRemedy(
      String key, String options, String named) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> maps(key, options, Spacings.UNKNOWN))
        .withMessageContainingAll(named, "the size of the image's pixels", "pixels");
  }

  /** Eight boxes of the grid are cubes of 10 mm there, and 1x3x3 of them in pixels. */
  @ParameterizedTest
  @CsvSource({
    "featureablation, segmentation=grid segments=8, segmentation=grid boxes=2x2x2",
    "xrai, segments=8 steps=2,"
  })
  void distances_millimetres_areThoseOfTheImage(String key, String options, String boxes) {
    float[] found = maps(key, options + " distances=mm", EVERY);
    if (boxes != null) {
      assertThat(found).containsExactly(maps(key, boxes, Spacings.UNKNOWN));
    }
    assertThat(found).isNotEqualTo(maps(key, options, EVERY));
    assertThat(maps(key, options, EVERY)).containsExactly(maps(key, options, Spacings.UNKNOWN));
  }

  @Test
  void passes_patchInMillimetres_areCountedWithTheSpacing() {
    MethodDescription description = provider("occlusionsensitivity").description();
    MethodOptions options = options("occlusionsensitivity", "patch=10mm");
    assertThat(description.passes(options, SIZES, SPACING, 3))
        .isEqualTo(new MethodCost.Passes(1 + 8, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> description.passes(options, SIZES, 3))
        .withMessageContainingAll("10mm", "pixels");
  }

  @ParameterizedTest
  @CsvSource({"10mm", "5x10x10mm", "2.5x1mm", "16", "16x8"})
  void patch_text_isReadBack(String text) {
    assertThat(Patch.parse(text)).hasToString(text).isEqualTo(Patch.parse(text));
    assertThat(Patch.parse("10mm")).isNotEqualTo(Patch.parse("10"));
  }

  @ParameterizedTest
  @CsvSource({"0mm", "-1mm", "mm", "2.5", "1x2x3x4mm", "NaNmm"})
  void patch_noSize_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OcclusionSensitivity.PATCH.parse(text))
        .withMessageContainingAll("patch", "10mm", text);
  }

  @Test
  void axes_spacingOfAnotherRank_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchAxes.ofMap(4, 5).withSpacing(SPACING))
        .withMessageContainingAll("2 axes", "[5.0, 1.0, 1.0] mm");
  }
}
