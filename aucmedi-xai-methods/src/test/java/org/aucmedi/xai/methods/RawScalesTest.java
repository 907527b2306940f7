package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.common.primitives.Floats;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a heatmap's 0 and 1 stand for, and heatmaps of several classes on one scale. */
final class RawScalesTest {

  private static final Shape SHAPE = new Shape(1, 2, 6, 5);

  private static ExplainableModel model() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21));
  }

  private static NDArray image(NDManager manager) {
    SplittableRandom random = new SplittableRandom(5);
    float[] pixels = new float[(int) SHAPE.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextDouble();
    }
    return manager.create(FloatBuffer.wrap(pixels), SHAPE);
  }

  private static AttributionMethod method(ExplainableModel model, String key, String options) {
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    return (AttributionMethod)
        provider.create(
            model,
            null,
            MethodOptions.parse(
                Profile.AUCMEDI,
                provider.description().options(),
                Splitter.on(' ').omitEmptyStrings().withKeyValueSeparator('=').split(options)));
  }

  @ParameterizedTest
  @CsvSource({
    "gradcam, relu=false",
    "gradcam, relu=true",
    "layercam, relu=true",
    "saliency, channels=signed",
    "integratedgradients, channels=sum",
    "gradientxinput, channels=sum",
    "deeplift, baseline=mean",
    "lrp, composite=epsilon-plus",
    "fullgrad, tolerance=1",
    "smoothgradsquared, samples=5",
    "rise, samples=2000",
    "kernelshap, segmentation=grid boxes=2x3",
    "meaningfulperturbation, steps=20 area=0.01 fill=2 tolerance=1",
    "occlusionsensitivity, value=drop patch=2",
    "occlusionsensitivity, value=complement patch=2"
  })
  void rawScale_everyValue_givesTheRawMapBack(String key, String options) {
    try (ExplainableModel model = model();
        NDManager manager = model.newManager()) {
      AttributionMethod method = method(model, key, options);
      NDArray image = image(manager);
      float[] raw = Explained.only(method.explainRaw(image, Target.ofClass(1))).values();
      Heatmap map = Explained.only(method.explain(image, Target.ofClass(1), 0));

      RawScale scale = map.rawScale();
      float[] values = map.values();
      assertThat(map.status()).isEqualTo(MapStatus.OK);
      for (int i = 0; i < raw.length; i++) {
        assertThat(scale.atZero() + values[i] * (scale.atOne() - scale.atZero()))
            .isCloseTo(raw[i], within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"limepro, 1", "limecon, -1"})
  void rawScale_weightsOfLime_haveTheirSign(String key, int sign) {
    try (ExplainableModel model = model();
        NDManager manager = model.newManager()) {
      AttributionMethod method = method(model, key, "map=weights");
      NDArray image = image(manager);
      float[] raw = Explained.only(method.explainRaw(image, Target.ofClass(0))).values();
      Heatmap map = Explained.only(method.explain(image, Target.ofClass(0), 0));

      float[] values = map.values();
      assertThat(Floats.max(values)).isCloseTo(1, within(1e-5f));
      for (int i = 0; i < raw.length; i++) {
        if (values[i] > 0) {
          assertThat(values[i] * map.rawScale().atOne()).isCloseTo(raw[i], within(1e-6f));
          assertThat(Math.signum(raw[i])).isEqualTo(sign);
        }
      }
      assertThat(map.rawScale().atZero()).isZero();
    }
  }

  @Test
  void normalizeTogether_twoClasses_haveTheirCommonRange() {
    try (ExplainableModel model = model();
        NDManager manager = model.newManager()) {
      AttributionMethod method = method(model, "saliency", "");
      List<Heatmap> raw = method.explainRaw(image(manager), Target.all()).get(0);
      float min = Float.MAX_VALUE;
      float max = -Float.MAX_VALUE;
      for (Heatmap map : raw) {
        for (float value : map.values()) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }

      List<Heatmap> scaled = method.normalizeTogether(raw, 0);

      assertThat(scaled).hasSize(raw.size()).hasSizeGreaterThan(1);
      for (int n = 0; n < raw.size(); n++) {
        float[] before = raw.get(n).values();
        float[] after = scaled.get(n).values();
        for (int i = 0; i < before.length; i++) {
          assertThat(after[i]).isCloseTo((before[i] - min) / (max - min), within(1e-6f));
        }
        assertThat(scaled.get(n).rawScale()).isEqualTo(new RawScale(min, max));
        assertThat(scaled.get(n).isRaw()).isFalse();
        assertThat(scaled.get(n).objective()).isEqualTo(raw.get(n).objective());
      }
    }
  }

  @Test
  void normalizeTogether_rectifiedMaps_keepZero() {
    try (ExplainableModel model = model();
        NDManager manager = model.newManager()) {
      AttributionMethod method = method(model, "gradcam", "relu=true");
      List<Heatmap> raw = method.explainRaw(image(manager), Target.all()).get(0);
      float max = 0;
      for (Heatmap map : raw) {
        max = Math.max(max, map.largestMagnitude());
      }

      List<Heatmap> scaled = method.normalizeTogether(raw, 0);

      assertThat(max).isPositive();
      for (int n = 0; n < raw.size(); n++) {
        for (int i = 0; i < raw.get(n).values().length; i++) {
          assertThat(scaled.get(n).values()[i])
              .isCloseTo(raw.get(n).values()[i] / max, within(1e-6f));
        }
      }
    }
  }

  @Test
  void normalizeTogether_oneMap_isItsOwnHeatmap() {
    try (ExplainableModel model = model();
        NDManager manager = model.newManager()) {
      AttributionMethod method = method(model, "gradcam++", "");
      List<Heatmap> raw = method.explainRaw(image(manager), Target.ofClass(1)).get(0);
      Heatmap own = Explained.only(method.explain(image(manager), Target.ofClass(1)));

      Heatmap scaled = method.normalizeTogether(raw, AttributionMethod.DEFAULT_EPS).get(0);

      assertThat(scaled.values()).containsExactly(own.values());
      assertThat(scaled.rawScale()).isEqualTo(own.rawScale());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.normalizeTogether(List.of(own), 0))
          .withMessageContaining("only raw maps");
    }
  }
}
