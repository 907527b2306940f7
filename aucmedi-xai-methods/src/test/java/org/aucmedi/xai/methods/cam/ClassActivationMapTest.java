package org.aucmedi.xai.methods.cam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The seams of class activation maps: several layers, and maps without gradients. */
final class ClassActivationMapTest {

  private final ExplainableModel net =
      new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(1, 4));
  private final NDManager manager = net.newManager();
  private final NDArray batch =
      manager.create(
          new float[] {1, -2, 3, 0.5f, 2, -1, 0.25f, 4, -3, 1, 1, 2}, new Shape(2, 1, 2, 3));

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  /** The mean activation, whatever the class. */
  private static final class MeanActivation extends ClassActivationMap {

    MeanActivation(ExplainableModel model) {
      super(
          MethodDescription.of("Mean activation", "mean")
              .requiring(Capability.LAYERS, Capability.LAYER_ACTIVATIONS)
              .usingLayer()
              .withOptions(CAM_OPTIONS),
          model,
          "relu",
          MethodOptions.of(Profile.AUCMEDI));
    }

    @Override
    protected double[] map(float[][] activations, float[][] gradients) {
      assertThat(gradients).isEmpty();
      double[] mean = new double[activations[0].length];
      for (float[] channel : activations) {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += (double) channel[i] / activations.length;
        }
      }
      return mean;
    }
  }

  @ParameterizedTest
  @EnumSource(LayerFusion.class)
  void explainRaw_severalLayers_joinsTheirScaledMaps(LayerFusion fusion) {
    List<List<Heatmap>> conv = raw("conv", fusion);
    List<List<Heatmap>> relu = raw("relu", fusion);
    List<List<Heatmap>> both = raw("conv, relu", fusion);
    for (int n = 0; n < 2; n++) {
      for (int c = 0; c < 3; c++) {
        float[] a = Normalization.minMax(conv.get(n).get(c).values(), 1e-8f);
        float[] b = Normalization.minMax(relu.get(n).get(c).values(), 1e-8f);
        float[] expected = new float[a.length];
        for (int i = 0; i < expected.length; i++) {
          expected[i] =
              switch (fusion) {
                case MEAN -> (a[i] + b[i]) / 2;
                case MAX -> Math.max(a[i], b[i]);
                case PRODUCT -> a[i] * b[i];
              };
        }
        Heatmap found = both.get(n).get(c);
        Maps.assertClose("image " + n + ", class " + c, found.values(), expected, 1e-6);
        assertThat(found.provenance().layer()).isEqualTo("conv, relu");
        assertThat(found.status()).isEqualTo(MapStatus.OK);
      }
    }
  }

  @Test
  void explain_severalLayers_explainTheClassOfTheFirstPass() {
    List<List<Heatmap>> found =
        GradCam.builder().optLayer("conv,relu").build(net).explain(batch, Target.argmax());
    float[][] outputs = net.outputs(batch);
    for (int n = 0; n < 2; n++) {
      Heatmap map = found.get(n).get(0);
      for (float output : outputs[n]) {
        assertThat(map.score()).isGreaterThanOrEqualTo(output);
      }
    }
  }

  @Test
  void explain_oneOfSeveralLayersIsUnknown_isNamed() {
    GradCam method = GradCam.builder().optLayer("conv,no such layer").build(net);
    assertThatExceptionOfType(LayerNotFoundException.class)
        .isThrownBy(() -> method.explain(batch, Target.argmax()))
        .withMessageContaining("no such layer");
  }

  private List<List<Heatmap>> raw(String layers, LayerFusion fusion) {
    return GradCam.builder()
        .optLayer(layers)
        .opt(LayerFusion.OPTION, fusion)
        .build(net)
        .explainRaw(batch, Target.all());
  }

  @Test
  void explainRaw_methodWithoutGradients_isMadeOfActivationsAlone() {
    List<List<Heatmap>> found = new MeanActivation(net).explainRaw(batch, Target.argmax());
    try (NDArray activations = net.layerActivations(batch, "relu")) {
      float[] values = activations.toFloatArray();
      for (int n = 0; n < 2; n++) {
        float[] mean = new float[6];
        for (int i = 0; i < mean.length; i++) {
          for (int k = 0; k < 4; k++) {
            mean[i] += values[(n * 4 + k) * 6 + i] / 4;
          }
        }
        Maps.assertClose("image " + n, found.get(n).get(0).values(), mean, 1e-6);
      }
    }
  }
}
