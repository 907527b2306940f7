package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.aucmedi.xai.MethodBuilder;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.perturbation.LimeCon;
import org.aucmedi.xai.methods.perturbation.LimePro;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody can write a method here and forget to register it. */
final class RegisteredMethodsTest {

  private final XAIMethodRegistry registry = new XAIMethodRegistry();
  private final ExplainableModel model = mock(ExplainableModel.class);

  @Test
  void providers_everyConcreteMethodOfThisModule_constructIt() {
    Set<Class<?>> registered =
        registry.providers().stream()
            .map(provider -> provider.builder().build(model).getClass())
            .collect(Collectors.toSet());

    assertThat(methods()).contains(SaliencyMap.class);
    assertThat(registered).containsAll(methods());
  }

  @Test
  void create_anyProvider_passesModelAndLayer() {
    for (XAIMethodProvider<?> provider : registry.providers()) {
      XAIMethodBase method = provider.builder().optLayer("conv").build(model);

      assertThat(method.model()).as(provider.description().name()).isSameAs(model);
      assertThat(method.layerName()).as(provider.description().name()).isEqualTo("conv");
    }
  }

  @Test
  void everyRoad_optionOfNoMethod_isRefusedAndTheKnownOnesAreListed() throws Exception {
    MethodOption<Boolean> foreign =
        MethodOption.ofBoolean("foreign", "no method has it").defaults(true);
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI).with(foreign, false);
    for (Class<?> type : methods()) {
      Constructor<?> constructor =
          type.getConstructor(ExplainableModel.class, String.class, MethodOptions.class);
      assertThatExceptionOfType(InvocationTargetException.class)
          .as(type.getSimpleName())
          .isThrownBy(() -> constructor.newInstance(model, null, options))
          .havingCause()
          .isInstanceOf(IllegalArgumentException.class)
          .withMessageContaining("unknown option 'foreign'");
      MethodBuilder<?> builder = (MethodBuilder<?>) type.getMethod("builder").invoke(null);
      assertUnknown(type, () -> builder.opt(foreign, false).build(model));
    }
    for (XAIMethodProvider<?> provider : registry.providers()) {
      assertUnknown(provider, () -> provider.create(model, null, options));
      assertUnknown(provider, () -> provider.builder().opt(foreign, true).build(model));
      for (String key : registry.keysOf(provider)) {
        assertUnknown(key, () -> registry.create(key, model, null, options));
      }
      List<MethodOption<?>> known = provider.description().options();
      assertUnknown(
          provider, () -> MethodOptions.parse(Profile.PAPER, known, Map.of("foreign", "true")));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> provider.create(model, null, options))
          .withMessageContainingAll(known.stream().map(MethodOption::name).toArray(String[]::new));
    }
  }

  private static void assertUnknown(Object what, ThrowingCallable road) {
    assertThatIllegalArgumentException()
        .as(what.toString())
        .isThrownBy(road)
        .withMessageContaining("unknown option 'foreign'");
  }

  @Test
  void requires_anyProvider_areCapabilitiesBeyondPrediction() {
    assertThat(registry.get("saliency").description().requires())
        .containsExactly(Capability.INPUT_GRADIENTS);
    assertThat(registry.get("saliency").description().usesLayer()).isFalse();
  }

  /** The 23 keys of AUCMEDI's {@code xai_dict}, as they are spelt there. */
  @ParameterizedTest
  @CsvSource({
    "Grad-CAM, gradcam GradCAM gc",
    "Grad-CAM++, gradcam++ GradCAM++ GradCAMpp gc++",
    "Guided Grad-CAM, GuidedGradCAM ggc",
    "Saliency map, saliency SaliencyMap sm",
    "Guided backpropagation, guidedbackprop GuidedBackpropagation gb",
    "Integrated gradients, IntegratedGradients ig",
    "Occlusion sensitivity, OcclusionSensitivity os",
    "LIME pro, LimePro lp",
    "LIME con, LimeCon lc"
  })
  void get_anyKeyOfAucmedi_isItsMethod(String name, String keys) {
    for (String key : keys.split(" ", -1)) {
      assertThat(registry.get(key).description().name()).as(key).isEqualTo(name);
      assertThat(registry.get(key.toUpperCase(Locale.ROOT))).isSameAs(registry.get(key));
    }
    assertThat(registry.get(keys.split(" ", -1)[0]).description().keys())
        .containsExactlyInAnyOrder(keys.split(" ", -1));
  }

  @Test
  void create_limeKeys_areProAndCon() {
    for (String key : List.of("LimePro", "lp")) {
      assertThat(registry.create(key, model, null)).isInstanceOf(LimePro.class);
    }
    for (String key : List.of("LimeCon", "lc")) {
      assertThat(registry.create(key, model, null)).isInstanceOf(LimeCon.class);
    }
    assertThat(registry.get("lp").description().requires()).isEmpty();
  }

  private static List<Class<?>> methods() {
    try {
      Path root =
          Path.of(SaliencyMap.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.walk(root)) {
        return files
            .map(file -> root.relativize(file).toString().replace('\\', '/'))
            .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
            .<Class<?>>map(name -> load(name.substring(0, name.length() - 6).replace('/', '.')))
            .filter(XAIMethodBase.class::isAssignableFrom)
            .filter(type -> !Modifier.isAbstract(type.getModifiers()))
            .toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, RegisteredMethodsTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
