package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.Test;

/** Sizes in millimetres of volumes whose slices are 5 mm apart, and pixels 1 mm. */
final class SpacingTest {

  private static final double[][] AXES = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  private static ImageArray volume(int slices, int rows, int columns, boolean known) {
    float[] values = new float[slices * rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    ImageArray image =
        ImageArray.wrap(new int[] {slices, rows, columns}, 1, values, SampleType.FLOAT);
    return known
        ? image.withGeometry(Geometry.of(new double[] {1, 1, 5}, new double[3], AXES))
        : image;
  }

  private static DataGenerator.Builder images() {
    return DataGenerator.builder().optStandardize(Standardize.NONE);
  }

  private final List<String> failed = new ArrayList<>();

  private List<float[]> decode(DataGenerator images, String patch) {
    try (ExplainableModel net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 21))) {
      DecoderResult result =
          XAIDecoder.builder()
              .setModel(net)
              .setGenerator(images)
              .optMethod("occlusionsensitivity")
              .optProfile(Profile.PAPER)
              .optOptions(Map.of("patch", patch, "score", "output"))
              .optRaw(true)
              .build()
              .decode();
      result.failures().forEach(one -> failed.add(one.sample() + ": " + one.cause().getMessage()));
      return result.explained().stream().map(one -> one.maps().get(0).values()).toList();
    }
  }

  @Test
  void spacing_ofAnImage_isInTheOrderOfItsAxes() {
    assertThat(Spacing.of(volume(4, 20, 20, true))).isEqualTo(new Spacing(5, 1, 1));
    assertThat(Spacing.of(volume(4, 20, 20, false))).isNull();
    ImageArray slice =
        ImageArray.wrap(new int[] {2, 3}, 1, new float[6], SampleType.FLOAT)
            .withGeometry(Geometry.of(new double[] {0.5, 2, 5}, new double[3], AXES));
    assertThat(Spacing.of(slice)).isEqualTo(new Spacing(2, 0.5));
  }

  @Test
  void decode_volume_patchOfTenMillimetresIsTwoSlices() {
    DataGenerator images = images().addSample("a", volume(4, 20, 20, true)).build();
    List<float[]> found = decode(images, "10mm");
    assertThat(found).hasSize(1);
    assertThat(found.get(0)).containsExactly(decode(images, "2x10x10").get(0));
    assertThat(found.get(0)).isNotEqualTo(decode(images, "10").get(0));
    assertThat(failed).isEmpty();
  }

  /** Twice as many rows, of half a millimetre then, and half as many columns. */
  @Test
  void decode_resizedVolume_patchIsThatOfThePreparedImage() {
    DataGenerator images =
        images().addSample("a", volume(4, 20, 20, true)).optResize(4, 40, 10).build();
    List<float[]> found = decode(images, "10mm");
    assertThat(found.get(0)).containsExactly(decode(images, "2x20x5").get(0));
    assertThat(failed).isEmpty();
  }

  /** In one batch, of one shape. */
  @Test
  void decode_spacingOfOneImageNotKnown_failsThatOneAndSaysWhatToDo() {
    DataGenerator images =
        images()
            .addSample("known", volume(4, 20, 20, true))
            .addSample("unknown", volume(4, 20, 20, false))
            .optBatchSize(2)
            .build();
    assertThat(decode(images, "10mm")).hasSize(1);
    assertThat(failed).hasSize(1);
    assertThat(failed.get(0))
        .startsWith("unknown: 10mm needs the size of the image's pixels")
        .endsWith("give the size in pixels");
  }
}
