package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.OutputFunction;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Provenance;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.array.Spacing;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.methods.catalog.BuiltInMethods;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.Lime;
import org.aucmedi.xai.methods.perturbation.LimePro;
import org.aucmedi.xai.methods.segmentation.SegmentationChoice;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a map says of its options is what it was made with. */
final class OptionsInEffectTest {

  private static final Weights WEIGHTS = Weights.random(3, 7);

  private final ExplainableModel net = new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS);
  private final NDManager manager = net.newManager();

  @AfterEach
  void close() {
    manager.close();
    net.close();
  }

  static Stream<RegisteredMethodsContract.Registered> methods() {
    return RegisteredMethodsContract.methods();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void provenance_nothingSet_isTheProfilesDefaultsAndTheLayerChosen(
      RegisteredMethodsContract.Registered registered) {
    XAIMethodProvider<?> provider = registered.provider();
    Profile profile = registered.profile();
    Provenance found = provenance(provider.builder().optProfile(profile).build(registered.on(net)));
    assertThat(found.method()).isEqualTo(provider.description().name());
    assertThat(found.profile()).isEqualTo(profile);
    assertThat(List.copyOf(found.options().keySet()))
        .isEqualTo(provider.description().options().stream().map(MethodOption::name).toList());
    for (MethodOption<?> option : provider.description().options()) {
      assertThat(found.options())
          .containsEntry(option.name(), MethodOption.textOf(option.defaultOf(profile)));
    }
    // The original CAM looks at the last layer with positions under both.
    boolean last = profile == Profile.AUCMEDI || provider.description().keys().get(0).equals("cam");
    String chosen =
        provider.description().readsAttention()
            ? IntStream.range(0, RegisteredMethodsContract.BLOCKS)
                .mapToObj(b -> "block." + b + ".dropout")
                .collect(Collectors.joining(", "))
            : last ? "relu" : "conv";
    assertThat(found.layer()).isEqualTo(provider.description().usesLayer() ? chosen : null);
    assertThat(found.model()).isEqualTo(registered.on(net).toString());
    assertThat(found.engine()).startsWith(manager.getEngine().getEngineName());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void provenance_layerNamed_isThatLayerOrNone(RegisteredMethodsContract.Registered registered) {
    // Of the two layers with positions, the original CAM refuses the one that is not pooled.
    String key = registered.provider().description().keys().get(0);
    String layer =
        registered.provider().description().readsAttention()
            ? "block.3.softmax, block.4.dropout"
            : key.equals("cam") ? "relu" : "conv";
    XAIMethodBase method = registered.create(registered.on(net), layer);
    boolean usesLayer = registered.provider().description().usesLayer();
    assertThat(provenance(method).layer()).isEqualTo(usesLayer ? layer : null);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void provenance_anyOptionSet_isItAndTheOthersStay(
      RegisteredMethodsContract.Registered registered) {
    List<MethodOption<?>> options = registered.provider().description().options();
    for (MethodOption<?> option : options) {
      String current = MethodOption.textOf(option.defaultOf(registered.profile()));
      String other = other(option.name(), current);
      assertThat(other).as(option.name()).isNotEqualTo(current);
      Map<String, String> set = new HashMap<>(Map.of(option.name(), other));
      // The complement of a logit is refused.
      if (option.name().equals("value")) {
        set.put("score", "output");
      } else if (other.equals("logit") && names(options).contains("value")) {
        set.put("value", "drop");
      }
      if (names(options).contains("samples")) {
        set.putIfAbsent("samples", "20");
      }
      Map<String, String> expected =
          new HashMap<>(MethodOptions.of(registered.profile()).inEffect(options));
      expected.putAll(set);
      MethodOptions parsed = MethodOptions.parse(registered.profile(), options, set);
      assertThat(
              provenance(registered.provider().create(registered.on(net), null, parsed)).options())
          .isEqualTo(expected);
    }
  }

  private static List<String> names(List<MethodOption<?>> options) {
    return options.stream().map(MethodOption::name).toList();
  }

  /** Another value of an option than the one it has. */
  private static String other(String option, String current) {
    return switch (option) {
      case "relu", "normalize-alpha", "stretch", "center" ->
          String.valueOf(!Boolean.parseBoolean(current));
      case "score" -> current.equals("output") ? "logit" : "output";
      case "value" -> current.equals("drop") ? "complement" : "drop";
      case "product" -> current.equals("raw") ? "normalized" : "raw";
      case "map" -> current.equals("mask") ? "weights" : "mask";
      case "layer-choice" -> current.equals("last-spatial") ? "last-convolution" : "last-spatial";
      case "channels" -> current.equals("sum") ? "max" : "sum";
      case "rule" -> "deconvnet";
      case "quadrature" -> "gauss-legendre";
      case "composite" -> "epsilon";
      case "low" -> "-1.0";
      case "alpha" -> "3.0";
      case "power" -> "2.0";
      case "segmentation" -> "grid";
      case "of" -> "gradientxinput";
      case "boxes", "cells" -> "2x3";
      case "tokens" -> "5x7";
      case "fuse", "heads" -> "max";
      case "readout" -> "mean";
      case "smooth" -> "left-right";
      case "baseline", "baselines", "fill" -> current.equals("mean") ? "blur" : "mean";
      case "patch" -> "3x2";
      case "stride" -> "2x1";
      case "distances" -> "millimetres";
      case "steps", "seed", "batch-size", "segments", "samples" -> "9";
      case "features", "max-channels" -> "2";
      case "tolerance",
          "kernel-width",
          "ridge",
          "compactness",
          "kernel-size",
          "max-distance",
          "ratio",
          "noise",
          "probability",
          "precision",
          "reliability",
          "sigma",
          "share",
          "distance",
          "epsilon",
          "gamma",
          "high",
          "rate",
          "start",
          "area",
          "smoothness",
          "discard" ->
          "0.75";
      default -> throw new AssertionError("say here what else " + option + " may be");
    };
  }

  @Test
  void provenance_oldNameOfAValue_isTheNewOne() {
    MethodOptions options =
        MethodOptions.parse(
            Profile.AUCMEDI,
            SaliencyMap.PROVIDER.description().options(),
            Map.of("channels", "Absolute"));
    assertThat(provenance(new SaliencyMap(net, null, options)).options())
        .containsEntry("channels", "abs-max");
    assertThat(SaliencyMap.CHANNELS.parse("signed")).isEqualTo(ChannelReduction.MAX);
  }

  @Test
  void scoreOfAnotherMethodsOption_lime_explainsTheLogitAndSaysSo() {
    OutputFunction centred =
        new OutputFunction() {
          @Override
          public double value(float[] z) {
            return z[2] - (z[0] + z[1] + z[2]) / 3.0;
          }

          @Override
          public float[] gradient(float[] z) {
            return new float[] {-1 / 3f, -1 / 3f, 2 / 3f};
          }
        };
    MethodOptions grid =
        MethodOptions.of(Profile.PAPER)
            .with(SegmentationChoice.OPTION, SegmentationChoice.GRID)
            .with(SegmentationChoice.SEGMENTS, 6)
            .with(Lime.SAMPLES, 50);
    try (ExplainableModel logits =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, WEIGHTS, true, false)) {
      LimePro method = new LimePro(net, null, grid.with(Score.OPTION, Score.LOGIT));
      float[] found = Explained.values(method.explainRaw(image(), Target.ofClass(2)));
      float[] expected =
          Explained.values(
              new LimePro(logits, null, grid).explainRaw(image(), Target.of("z", centred)));
      Maps.assertClose("weights", found, expected, 1e-5 * Maps.maxAbs(expected));
      float[] output =
          Explained.values(new LimePro(net, null, grid).explainRaw(image(), Target.ofClass(2)));
      assertThat(Maps.maxDifference(found, output)).isGreaterThan(0.1 * Maps.maxAbs(found));
      assertThat(provenance(method).options()).containsEntry("score", "logit");
    }
  }

  @Test
  void optionOfEqualName_valueThatTheMethodDoesNotAllow_isRefused() {
    MethodOption<Integer> steps = MethodOption.ofInt("steps", "any number").defaults(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegratedGradients.builder().opt(steps, 0).build(net))
        .withMessageContainingAll("steps", "from 1 to 100000", "'0'");
    assertThat(provenance(IntegratedGradients.builder().opt(steps, 3).build(net)).options())
        .containsEntry("steps", "3");
  }

  @Test
  void optionOfEqualNameAndAnotherType_isUnknown() {
    MethodOption<Double> steps = MethodOption.ofDouble("steps", "any number").defaults(1.0);
    MethodOption<Integer> relu = MethodOption.ofInt("relu", "any number").defaults(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegratedGradients.builder().opt(steps, 3.0).build(net))
        .withMessageContaining("unknown option 'steps'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradCam.builder().opt(relu, 1).build(net))
        .withMessageContaining("unknown option 'relu'");
  }

  @Test
  void everyOption_nameAndText_areReadBack() {
    List<String> names = new ArrayList<>();
    for (XAIMethodProvider<?> provider : new BuiltInMethods().methods()) {
      for (MethodOption<?> option : provider.description().options()) {
        names.add(option.name());
        assertThat(option.name()).isEqualTo(option.name().toLowerCase(Locale.ROOT));
        for (Profile profile : Profile.values()) {
          Object value = option.defaultOf(profile);
          assertThat(option.parse(MethodOption.textOf(value))).as(option.name()).isEqualTo(value);
        }
      }
    }
    assertThat(names).contains("relu", "tokens", "steps", "patch", "samples");
  }

  private Provenance provenance(XAIMethodBase method) {
    Spacing spacing = new Spacing(1, 1);
    return Explained.only(
            method.explain(
                image(),
                index -> spacing,
                Target.argmax(),
                XAIMethodBase.DEFAULT_EPS,
                Progress.NONE))
        .provenance();
  }

  private NDArray image() {
    float[] values = new float[3 * 5 * 7];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 / 5f - 1;
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(1, 3, 5, 7));
  }
}
