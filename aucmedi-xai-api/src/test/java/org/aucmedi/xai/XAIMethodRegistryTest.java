package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class XAIMethodRegistryTest {

  private final XAIMethodRegistry registry = new XAIMethodRegistry(List.of());

  @Test
  void get_anyCase_findsTheMethod() {
    XAIMethodProvider<?> provider = provider("Saliency map", "saliency", "SaliencyMap", "sm");
    registry.register(provider);

    assertThat(registry.get("SALIENCY")).isSameAs(provider);
    assertThat(registry.get("saliencymap")).isSameAs(provider);
    assertThat(registry.get("Sm")).isSameAs(provider);
  }

  @Test
  void get_turkishLocale_findsTheMethod() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      registry.register(provider("LIME pro", "LimePro"));
      assertThat(registry.get("LIMEPRO").description().name()).isEqualTo("LIME pro");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void register_keyTaken_failsAndRegistersNothing() {
    registry.register(provider("First", "first", "one"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register(provider("Second", "second", "ONE")))
        .withMessageContaining("'ONE'")
        .withMessageContaining("taken by First");
    assertThatIllegalArgumentException().isThrownBy(() -> registry.get("second"));
    assertThat(registry.providers()).hasSize(1);
    assertThat(registry.get("one").description().name()).isEqualTo("First");
  }

  @Test
  void register_malformedKey_fails() {
    for (String key : List.of("", "a b", "1st", "a/b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> registry.register(key, (model, layer, options) -> null))
          .withMessageContaining("'" + key + "' is malformed");
    }
  }

  @Test
  void register_malformedSecondKey_registersNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register(provider("Broken", "fine", "not fine")))
        .withMessageContaining("'not fine' is malformed");
    assertThat(registry.providers()).isEmpty();
  }

  @Test
  void register_noKey_fails() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider("Nameless"))
        .withMessage("Nameless has no key");
  }

  @Test
  void register_keyOfAUserTaken_fails() {
    registry.register("mine", Mine::of);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register("Mine", Mine::of))
        .withMessageContaining("'Mine'");
  }

  @Test
  void get_unknownKey_listsEveryKey() {
    registry.register(provider("First", "first", "one"));
    registry.register(provider("Second", "second"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.get("third"))
        .withMessage("unknown method 'third'; available: first (one), second");
  }

  @Test
  void get_emptyRegistry_namesTheModule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.get("gc"))
        .withMessage(
            "unknown method 'gc'; there are no methods on the classpath; add aucmedi-xai-methods");
  }

  @Test
  void create_registeredFactory_isCalledWithModelLayerAndProfile() {
    ExplainableModel model = mock(ExplainableModel.class);
    List<MethodOptions> given = new ArrayList<>();
    registry.register(
        "mine",
        (explained, layer, options) -> {
          given.add(options);
          return new Mine(explained, layer);
        });

    XAIMethodBase method = registry.create("MINE", model, "conv1", MethodOptions.of(Profile.PAPER));

    assertThat(method).isInstanceOf(Mine.class);
    assertThat(method.model()).isSameAs(model);
    assertThat(method.layerName()).isEqualTo("conv1");
    assertThat(given).extracting(MethodOptions::profile).containsExactly(Profile.PAPER);
  }

  @Test
  void create_optionThatTheMethodHasNot_isRefused() {
    ExplainableModel model = mock(ExplainableModel.class);
    registry.register("mine", Mine::of);
    MethodOption<Integer> steps = MethodOption.ofInt("steps", "how many").defaults(1);
    MethodOptions options = MethodOptions.of(Profile.PAPER).with(steps, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.create("mine", model, null, options))
        .withMessage("unknown option 'steps'; the method has none");
  }

  @Test
  void keysOf_keysDifferingInCase_listsEachOnce() {
    XAIMethodProvider<?> provider = provider("Grad-CAM", "gradcam", "GradCAM", "gc");
    registry.register(provider);

    assertThat(registry.keysOf(provider)).containsExactly("gradcam", "gc");
  }

  private static final class Mine extends XAIMethodBase {

    Mine(ExplainableModel model, @Nullable String layerName) {
      super(model, layerName);
    }

    static Mine of(ExplainableModel model, @Nullable String layerName, MethodOptions options) {
      return new Mine(model, layerName);
    }

    @Override
    public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
      return image;
    }
  }

  private static XAIMethodProvider<?> provider(String name, String... keys) {
    return new XAIMethodProvider<>(MethodDescription.of(name, keys), Mine::of);
  }
}
