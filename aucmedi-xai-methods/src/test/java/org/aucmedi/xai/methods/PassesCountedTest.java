package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.OutputFunction;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.cam.Smoothing;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.CountingModel;
import org.aucmedi.xai.testkit.CountingModel.Count;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method takes the passes that its documentation says, and no more. */
final class PassesCountedTest {

  private static final int IMAGES = 2;
  private static final int SIZE = 3 * 5 * 7;

  private static final OutputFunction FIRST_TWO =
      new OutputFunction() {
        @Override
        public double value(float[] outputs) {
          return outputs[0] + outputs[1];
        }

        @Override
        public float[] gradient(float[] outputs) {
          return new float[] {1, 1, 0};
        }
      };

  private final CountingModel model = counting(net());

  private static ExplainableModel net() {
    return new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(3, 7));
  }

  private static CountingModel counting(ExplainableModel net) {
    return new CountingModel(net);
  }

  static Stream<RegisteredMethodsContract.Registered> methods() {
    return RegisteredMethodsContract.methods();
  }

  /** For each target the number of maps of an image. */
  private static Map<Target, Integer> targets(RegisteredMethodsContract.Registered registered) {
    Map<Target, Integer> targets = new LinkedHashMap<>();
    targets.put(Target.ofClass(1), 1);
    targets.put(Target.argmax(), 1);
    targets.put(Target.perImage(2, 0), 1);
    targets.put(Target.contrast(2, 0), 1);
    targets.put(Target.topK(2), 2);
    targets.put(Target.ofClasses(2, 0), 2);
    targets.put(Target.all(), 3);
    // The papers explain logits, which a function has not, and so do some methods.
    MethodDescription description = registered.provider().description();
    if (registered.profile() == Profile.AUCMEDI
        && !description.keys().get(0).equals("cam")
        && !description.requires().contains(Capability.PROPAGATION)) {
      targets.put(Target.of("first two", FIRST_TWO), 1);
    }
    return targets;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void explain_anyTarget_takesTheDocumentedPasses(RegisteredMethodsContract.Registered registered) {
    String key = registered.provider().description().keys().get(0);
    CountingModel model = counting(registered.on(net()));
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, IMAGES);
      targets(registered)
          .forEach(
              (target, maps) -> {
                XAIMethodBase method = registered.create(model, null);
                method.explain(batch, target);
                assertPasses(model.take(), target + ", the first time", key, IMAGES, maps, true);
                method.explain(batch, target);
                assertPasses(model.take(), target + "", key, IMAGES, maps, false);
                method.explainRaw(batch, target);
                assertPasses(model.take(), target + ", raw maps", key, IMAGES, maps, false);
              });
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void computeHeatmap_oneImage_takesTheDocumentedPasses(
      RegisteredMethodsContract.Registered registered) {
    String key = registered.provider().description().keys().get(0);
    CountingModel model = counting(registered.on(net()));
    try (NDManager manager = model.newManager()) {
      registered.create(model, null).computeHeatmap(batch(manager, 1), 2);
      assertPasses(model.take(), "one image", key, 1, 1, true);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void explain_targetThatNamesNothing_takesNoBackwardPass(
      RegisteredMethodsContract.Registered registered) {
    String key = registered.provider().description().keys().get(0);
    CountingModel model = counting(registered.on(net()));
    try (NDManager manager = model.newManager()) {
      XAIMethodBase method = registered.create(model, null);
      assertThat(method.explain(batch(manager, IMAGES), Target.above(2)))
          .containsExactly(List.of(), List.of());
      Count count = model.take();
      assertThat(count.backward()).isZero();
      assertThat(count.images()).isLessThanOrEqualTo(documented(key, IMAGES, 1, true).images());
      // Methods of many passes stop after the first of each image, which DeepLIFT has compared;
      // XRAI asks for each baseline.
      boolean twice = key.equals("deeplift") || key.equals("Xrai");
      assertThat(count.calls()).isLessThanOrEqualTo(twice ? 2 * IMAGES : IMAGES + 1);
    }
  }

  /** What a run is said to cost before it starts is what the documentation says. */
  @ParameterizedTest
  @MethodSource("methods")
  void passes_ofTheDescription_areTheDocumentedOnes(
      RegisteredMethodsContract.Registered registered) {
    MethodDescription description = registered.provider().description();
    for (int maps = 1; maps <= 3; maps++) {
      Count documented = documented(description.keys().get(0), 1, maps, false);
      assertThat(description.passes(registered.options(), new int[] {5, 7}, maps))
          .isEqualTo(new MethodCost.Passes(documented.images(), documented.backward()));
    }
  }

  /** The methods whose passes depend on how many superpixels an image has. */
  private static final Set<String> OF_SUPERPIXELS =
      Set.of("LimePro", "LimeCon", "KernelShap", "ShapleySampling", "FeatureAblation");

  /**
   * Of few superpixels many of LIME's samples are the image itself, which is predicted once, and
   * there are few coalitions. The other methods take exactly the documented passes.
   */
  private static void assertPasses(
      Count taken, String what, String key, int images, int maps, boolean first) {
    Count documented = documented(key, images, maps, first);
    if (OF_SUPERPIXELS.contains(key)) {
      int spared = key.startsWith("Lime") ? images : 0;
      assertThat(taken.images()).as(what).isBetween(2 * images, documented.images() - spared);
      assertThat(taken.calls()).as(what).isBetween(images, documented.calls());
      assertThat(taken.backward()).as(what).isZero();
    } else {
      assertThat(taken).as(what).isEqualTo(documented);
    }
  }

  /** Costs of the small parameters of {@link RegisteredMethodsContract}. */
  private static Count documented(String key, int images, int maps, boolean first) {
    return switch (key) {
      case "saliency", "guidedbackprop", "deconvnet", "GradientXInput", "lrp" ->
          new Count(1, images, images * maps);
      // One image at a time.
      case "fullgrad" -> new Count(images, images, images * maps);
      // The baseline and the image, one image at a time.
      case "deeplift" -> new Count(2 * images, 2 * images, images * maps);
      case "gradcam",
          "gradcam++",
          "layercam",
          "hirescam",
          "xgradcam",
          "gradcamelementwise",
          "eigengradcam" ->
          first ? new Count(2, images + 1, images * maps) : new Count(1, images, images * maps);
      // One pass for the outputs, one to the layer.
      case "eigencam" -> first ? new Count(3, 2 * images + 1, 0) : new Count(2, 2 * images, 0);
      // The same, and for each image one of three channels.
      case "scorecam" ->
          first ? new Count(3 + images, 5 * images + 1, 0) : new Count(2 + images, 5 * images, 0);
      // The same, and for each image the layer as it is, and one of three channels.
      case "ablationcam" ->
          first ? new Count(3 + images, 6 * images + 1, 0) : new Count(2 + images, 6 * images, 0);
      // The outputs, and 12 blocks; to begin with, of one image the layers and two layers a block.
      case "attentionrollout" ->
          first
              ? new Count(1 + 1 + 24 + 12, images + 1 + 24 + 12 * images, 0)
              : new Count(1 + 12, 13 * images, 0);
      case "attentiongradients" -> {
        Count forward = documented("attentionrollout", images, maps, first);
        yield new Count(forward.calls(), forward.images(), 12 * images * maps);
      }
      // The image, and another to see whether the weights are the same.
      case "cam" ->
          first
              ? new Count(3, 2 * images + 1, 2 * images * maps)
              : new Count(2, 2 * images, 2 * images * maps);
      // The image, and 200 copies in passes of 32.
      case "smoothgradcam++" ->
          first
              ? new Count(2 + 7 * images, 201 * images + 1, 200 * images * maps)
              : new Count(1 + 7 * images, 201 * images, 200 * images * maps);
      // The image, and 21 points in one pass.
      case "layerintegratedgradients" ->
          first
              ? new Count(2 + images, 22 * images + 1, 21 * images * maps)
              : new Count(1 + images, 22 * images, 21 * images * maps);
      case "GuidedGradCAM" -> sum(documented("gradcam", images, maps, first), images, maps);
      // 21 points: the image alone, and 20.
      case "IntegratedGradients", "BlurIG" ->
          new Count(2 * images, 21 * images, 21 * images * maps);
      // The same for two baselines.
      case "Xrai" -> new Count(4 * images, 42 * images, 42 * images * maps);
      // The images, and 21 points for each map, one by one.
      case "GuidedIG" ->
          new Count(1 + 21 * images * maps, (1 + 21 * maps) * images, 21 * images * maps);
      // 3 x 4 patches and the image in one pass.
      case "OcclusionSensitivity" -> new Count(images, 13 * images, 0);
      // The image, and 200 copies in passes of 32.
      case "SmoothGrad", "SmoothGradSquared", "VarGrad" ->
          new Count(1 + 7 * images, 201 * images, 200 * images * maps);
      // The images, for each the baseline, and 200 points in passes of 32.
      case "GradientShap" -> new Count(1 + 8 * images, 202 * images, 200 * images * maps);
      // The images, for each the fill, and 20 steps and the last mask, the maps together.
      case "MeaningfulPerturbation" ->
          new Count(1 + 22 * images, (2 + 21 * maps) * images, 20 * images * maps);
      // The image and 200 masks in passes of 32.
      case "Rise" -> new Count(7 * images, 201 * images, 0);
      // The image, the hidden one and as many coalitions; of 35 superpixels at most.
      case "KernelShap", "ShapleySampling" -> new Count(7 * images, 202 * images, 0);
      case "FeatureAblation" -> new Count(2 * images, 36 * images, 0);
      // 200 samples, the image among them, in passes of 32.
      case "LimePro", "LimeCon" -> new Count(7 * images, 200 * images, 0);
      default -> throw new AssertionError("say here what " + key + " costs");
    };
  }

  private static Count sum(Count cam, int images, int maps) {
    Count guided = documented("guidedbackprop", images, maps, true);
    return new Count(
        cam.calls() + guided.calls(),
        cam.images() + guided.images(),
        cam.backward() + guided.backward());
  }

  /** Three mirror images of a picture, but of one whose map says nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"gradcam", "cam", "eigencam", "scorecam", "ablationcam"})
  void smoothingByFlips_takesFourTimesThePasses(String key) {
    var provider = new XAIMethodRegistry().get(key);
    XAIMethodBase method = provider.builder().opt(Smoothing.OPTION, Smoothing.FLIPS).build(model);
    XAIMethodBase plain = provider.builder().build(model);
    try (NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, IMAGES);
      plain.explain(batch, Target.topK(2));
      method.explain(batch, Target.topK(2));
      model.take();
      plain.explain(batch, Target.topK(2));
      Count one = model.take();
      method.explain(batch, Target.topK(2));
      assertThat(model.take())
          .isEqualTo(new Count(4 * one.calls(), 4 * one.images(), 4 * one.backward()));
      assertThat(method.explain(batch, Target.above(2))).containsExactly(List.of(), List.of());
      assertThat(model.take().backward()).isZero();
    }
    MethodOptions flips = MethodOptions.of(Profile.AUCMEDI).with(Smoothing.OPTION, Smoothing.FLIPS);
    MethodDescription description = provider.description();
    MethodCost.Passes one =
        description.passes(MethodOptions.of(Profile.AUCMEDI), new int[] {5, 7, 6}, 2);
    assertThat(description.passes(flips, new int[] {5, 7, 6}, 2))
        .isEqualTo(new MethodCost.Passes(8 * one.forward(), 8 * one.backward()));
  }

  @Test
  void countingModel_anyCall_isCountedOnceAndForwarded() {
    try (ExplainableModel net =
            new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(3, 7));
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager, 2);
      assertThat(model.outputs(batch)).isDeepEqualTo(net.outputs(batch));
      assertThat(model.take()).isEqualTo(new Count(1, 2, 0));
      assertThat(model.layers(batch)).isEqualTo(net.layers(batch));
      assertThat(model.layerActivations(batch, "relu").toFloatArray())
          .containsExactly(net.layerActivations(batch, "relu").toFloatArray());
      assertThat(model.take()).isEqualTo(new Count(2, 4, 0));
      NDArray activations = net.layerActivations(batch, "relu");
      assertThat(model.predictFromLayer(batch, "relu", activations).toFloatArray())
          .containsExactly(net.predictFromLayer(batch, "relu", activations).toFloatArray());
      assertThat(model.take()).isEqualTo(new Count(1, 2, 0));
      model.inputGradients(batch, outputs -> List.of(new float[6], new float[6], new float[6]));
      assertThat(model.take()).isEqualTo(new Count(1, 2, 6));
      assertThat(model.take()).isEqualTo(new Count(0, 0, 0));
    }
  }

  private static NDArray batch(NDManager manager, int images) {
    float[] values = new float[images * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(images, 3, 5, 7));
  }
}
