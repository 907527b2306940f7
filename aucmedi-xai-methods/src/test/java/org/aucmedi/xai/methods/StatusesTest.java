package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.cam.GuidedGradCam;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.methods.perturbation.Patch;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.AttentionNet;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each status, in the situation that it names. */
final class StatusesTest {

  private static final Shape IMAGE = new Shape(1, 1, 2, 3);
  private static final Weights WEIGHTS = Weights.random(1, 4);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "layerig",
        "eigengradcam",
        "ggc",
        "sm",
        "gb",
        "ig",
        "guidedig",
        "xrai",
        "gradientxinput",
        "deconvnet",
        "deeplift",
        "fullgrad",
        "lrp",
        "smoothgrad"
      })
  void ordinaryNetwork_isOk(String key) {
    try (ExplainableModel net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS)) {
      assertThat(status(key, net, 0)).isEqualTo(MapStatus.OK);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "layerig",
        "eigengradcam",
        "ggc",
        "sm",
        "gb",
        "ig",
        "blurig",
        "guidedig",
        "xrai",
        "gradientxinput",
        "deconvnet",
        "fullgrad",
        "lrp",
        "smoothgrad",
        "meaningfulperturbation"
      })
  void headThatIgnoresTheLayer_isZeroGradient(String key) {
    try (ExplainableModel net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS.withHeadTimes(0))) {
      assertThat(status(key, net, 0)).isEqualTo(MapStatus.ZERO_GRADIENT);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "layerig",
        "eigengradcam",
        "sm",
        "gb",
        "ig",
        "blurig",
        "guidedig",
        "xrai",
        "gradientxinput",
        "deconvnet",
        "vargrad",
        "meaningfulperturbation"
      })
  void saturatedSoftmax_isZeroGradient(String key) {
    try (ExplainableModel net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS.withHeadTimes(1e6f))) {
      for (int c = 0; c < 3; c++) {
        assertThat(status(key, net, c)).as("class " + c).isEqualTo(MapStatus.ZERO_GRADIENT);
      }
    }
  }

  /** Without neighbours, a uniform image has the same activations everywhere. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "eigencam",
        "ablationcam",
        "scorecam",
        "eigengradcam"
      })
  void sameActivationsEverywhere_anyActivationMap_isFlat(String key) {
    Weights alone =
        new Weights(
            WEIGHTS.own(), new float[4][1], WEIGHTS.bias(), WEIGHTS.head(), WEIGHTS.headBias());
    try (ExplainableModel net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, alone);
        NDManager manager = net.newManager()) {
      NDArray image = manager.create(new float[] {.3f, .3f, .3f, .3f, .3f, .3f}, IMAGE);
      for (Profile profile : Profile.values()) {
        XAIMethodBase method =
            new XAIMethodRegistry().get(key).builder().optProfile(profile).build(net);
        assertThat(Explained.statuses(method.explain(image, Target.all())))
            .containsOnly(MapStatus.FLAT);
        for (float value : Explained.values(method.explainRaw(image, Target.all()))) {
          assertThat(value).isFinite();
        }
      }
    }
  }

  @Test
  void sameWeightEverywhere_saliencyAndOcclusion_areFlat() {
    float[] same = {3, 3, 3, 3, 3, 3};
    try (ExplainableModel model =
            new LinearModel(new float[][] {same}, ChannelLayout.CHANNELS_FIRST, "heap");
        NDManager manager = model.newManager()) {
      assertThat(status("sm", model, 0)).isEqualTo(MapStatus.FLAT);
      MethodOptions options =
          MethodOptions.of(Profile.AUCMEDI).with(OcclusionSensitivity.PATCH, new Patch(1));
      List<List<Heatmap>> found =
          new OcclusionSensitivity(model, null, options)
              .explain(manager.create(new float[] {1, 1, 1, 1, 1, 1}, IMAGE), Target.ofClass(0), 0);
      assertThat(Explained.statuses(found)).containsExactly(MapStatus.FLAT);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void weightThatIsNotFinite_anyMethod_isNonFiniteAndZero(float weight) {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS.withConvolutionTimes(weight));
        NDManager manager = net.newManager()) {
      for (var provider : new XAIMethodRegistry().providers()) {
        List<List<Heatmap>> found =
            provider
                .builder()
                .build(
                    provider.description().readsAttention()
                        ? new AttentionNet(ChannelLayout.CHANNELS_FIRST, 2, weight)
                        : net)
                .explain(manager.create(image(), IMAGE), Target.all(), 1e-8f);
        assertThat(Explained.statuses(found))
            .as(provider.description().name())
            .containsOnly(MapStatus.NON_FINITE);
        assertThat(Explained.values(found)).as(provider.description().name()).containsOnly(0);
      }
    }
  }

  @Test
  void imageOfNaN_anyMethod_isNonFiniteAndTheOthersAreKept() {
    try (ExplainableModel net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS);
        NDManager manager = net.newManager()) {
      float[] both = Arrays.copyOf(image(), 12);
      Arrays.fill(both, 6, 12, Float.NaN);
      NDArray batch = manager.create(FloatBuffer.wrap(both), new Shape(2, 1, 2, 3));
      for (var provider : new XAIMethodRegistry().providers()) {
        for (Profile profile : Profile.values()) {
          ExplainableModel own =
              provider.description().readsAttention()
                  ? new AttentionNet(ChannelLayout.CHANNELS_FIRST, 2, 1)
                  : net;
          XAIMethodBase method = provider.create(own, null, MethodOptions.of(profile));
          String name = provider.description().name() + ", " + profile;
          List<List<Heatmap>> alone =
              method.explain(manager.create(image(), IMAGE), Target.ofClass(1), 1e-8f);
          List<List<Heatmap>> found = method.explain(batch, Target.ofClass(1), 1e-8f);
          assertThat(Explained.statuses(found))
              .as(name)
              .containsExactly(alone.get(0).get(0).status(), MapStatus.NON_FINITE);
          float[] maps = Explained.values(found);
          assertThat(Arrays.copyOf(maps, 6)).as(name).isEqualTo(Explained.values(alone));
          assertThat(Arrays.copyOfRange(maps, 6, 12)).as(name).containsOnly(0);
          assertThat(method.explainRaw(batch, Target.ofClass(1)).get(1).get(0).status())
              .as(name)
              .isEqualTo(MapStatus.NON_FINITE);
        }
      }
    }
  }

  @Test
  void headThatIgnoresTheLayer_productOfRawMaps_isZeroGradient() {
    MethodOptions options =
        MethodOptions.of(Profile.AUCMEDI).with(GuidedGradCam.PRODUCT, GuidedGradCam.Product.RAW);
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS.withHeadTimes(0));
        NDManager manager = net.newManager()) {
      GuidedGradCam method = new GuidedGradCam(net, null, options);
      NDArray image = manager.create(image(), IMAGE);
      assertThat(Explained.statuses(method.explain(image, Target.all(), 1e-8f)))
          .containsOnly(MapStatus.ZERO_GRADIENT);
      assertThat(Explained.statuses(method.explainRaw(image, Target.all())))
          .containsOnly(MapStatus.ZERO_GRADIENT);
    }
  }

  @Test
  void fewSteps_integratedGradients_areNotConverged() {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS.withHeadTimes(20));
        NDManager manager = net.newManager()) {
      for (int steps : new int[] {1, 1000}) {
        MethodOptions options =
            MethodOptions.of(Profile.AUCMEDI).with(IntegratedGradients.STEPS, steps);
        assertThat(
                Explained.statuses(
                    new IntegratedGradients(net, null, options)
                        .explain(manager.create(image(), IMAGE), Target.ofClass(0), 1e-8f)))
            .containsExactly(steps == 1 ? MapStatus.NOT_CONVERGED : MapStatus.OK);
      }
    }
  }

  private static MapStatus status(String key, ExplainableModel model, int classIndex) {
    try (NDManager manager = model.newManager()) {
      return new XAIMethodRegistry()
          .create(key, model, null)
          .explain(manager.create(image(), IMAGE), Target.ofClass(classIndex), 1e-8f)
          .get(0)
          .get(0)
          .status();
    }
  }

  private static float[] image() {
    return new float[] {0.5f, -1, 2, 0.25f, -0.5f, 1};
  }
}
