package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.spi.XAIMethodProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class XAIMethodRegistryTest {

  private final XAIMethodRegistry registry = new XAIMethodRegistry(List.of());

  @Test
  void get_anyCase_findsTheMethod() {
    Provider provider = new Provider("Saliency map", "saliency", "SaliencyMap", "sm");
    registry.register(provider);

    assertThat(registry.get("SALIENCY")).isSameAs(provider);
    assertThat(registry.get("saliencymap")).isSameAs(provider);
    assertThat(registry.get("Sm")).isSameAs(provider);
  }

  @Test
  void get_everyKeyOfAucmedi_findsItsOwnMethod() {
    for (AucmediMethod method : AucmediMethod.values()) {
      registry.register(new Provider(method.title(), method.keys()));
    }
    int keys = 0;
    for (AucmediMethod method : AucmediMethod.values()) {
      for (String key : method.keys()) {
        assertThat(registry.get(key).name()).isEqualTo(method.title());
        assertThat(registry.get(key.toUpperCase(Locale.ROOT)).name()).isEqualTo(method.title());
        keys++;
      }
    }
    assertThat(keys).isEqualTo(23);
    assertThat(registry.providers()).hasSize(9);
  }

  @Test
  void get_turkishLocale_findsTheMethod() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      registry.register(new Provider("LIME pro", "LimePro"));
      assertThat(registry.get("LIMEPRO").name()).isEqualTo("LIME pro");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void register_keyTaken_failsAndRegistersNothing() {
    registry.register(new Provider("First", "first", "one"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register(new Provider("Second", "second", "ONE")))
        .withMessageContaining("'ONE'")
        .withMessageContaining("taken by First");
    assertThatIllegalArgumentException().isThrownBy(() -> registry.get("second"));
    assertThat(registry.providers()).hasSize(1);
    assertThat(registry.get("one").name()).isEqualTo("First");
  }

  @Test
  void register_malformedKey_fails() {
    for (String key : List.of("", "a b", "1st", "a/b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> registry.register(key, (model, layer) -> null))
          .withMessageContaining("'" + key + "' is malformed");
    }
  }

  @Test
  void register_malformedSecondKey_registersNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register(new Provider("Broken", "fine", "not fine")))
        .withMessageContaining("'not fine' is malformed");
    assertThat(registry.providers()).isEmpty();
  }

  @Test
  void register_noKey_fails() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register(new Provider("Nameless")))
        .withMessage("Nameless has no key");
  }

  @Test
  void register_keyOfAUserTaken_fails() {
    registry.register("mine", Mine::new);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.register("Mine", Mine::new))
        .withMessageContaining("'Mine'");
  }

  @Test
  void get_unknownKey_listsEveryKey() {
    registry.register(new Provider("First", "first", "one"));
    registry.register(new Provider("Second", "second"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.get("third"))
        .withMessage("unknown method 'third'; available: first (one), second");
  }

  @Test
  void get_aucmediKeyWithoutProvider_namesTheMethod() {
    registry.register(new Provider("First", "first"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> registry.get("GC++"))
        .withMessage(
            "method 'GC++' (Grad-CAM++) is not provided by any module on the classpath; available:"
                + " first");
  }

  @Test
  void create_registeredFactory_isCalledWithModelAndLayer() {
    ExplainableModel model = mock(ExplainableModel.class);
    registry.register("mine", (given, layer) -> new Mine(given, layer));

    XAIMethodBase method = registry.create("MINE", model, "conv1");

    assertThat(method).isInstanceOf(Mine.class);
    assertThat(method.model()).isSameAs(model);
    assertThat(method.layerName()).isEqualTo("conv1");
  }

  @Test
  void keysOf_keysDifferingInCase_listsEachOnce() {
    Provider provider = new Provider("Grad-CAM", "gradcam", "GradCAM", "gc");
    registry.register(provider);

    assertThat(registry.keysOf(provider)).containsExactly("gradcam", "gc");
  }

  private static final class Mine extends XAIMethodBase {

    Mine(ExplainableModel model, @Nullable String layerName) {
      super(model, layerName);
    }

    @Override
    public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
      return image;
    }
  }

  private record Provider(String name, List<String> keys) implements XAIMethodProvider {

    Provider(String name, String... keys) {
      this(name, List.of(keys));
    }

    @Override
    public Set<Capability> requires() {
      return Set.of();
    }

    @Override
    public boolean usesLayer() {
      return false;
    }

    @Override
    public XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new Mine(model, layerName);
    }
  }
}
