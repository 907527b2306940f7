package org.aucmedi.xai.methods;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.AttentionNet;
import org.aucmedi.xai.testkit.MethodContract;
import org.aucmedi.xai.testkit.Setting;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.Parameter;

/** The contract of every registered method, in either profile. */
abstract class RegisteredMethodsContract extends MethodContract {

  /** Small enough for images of a few pixels; a method ignores what it does not know. */
  private static final Map<String, String> SMALL =
      Map.of("patch", "2", "steps", "20", "samples", "200", "max-channels", "3");

  /** As many as a method's costs are told for before a model is known. */
  static final int BLOCKS = 12;

  @Parameter private Registered registered;

  /** A method with the parameters of a profile. */
  record Registered(XAIMethodProvider<?> provider, Profile profile) {

    XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return provider.create(model, layerName, options());
    }

    MethodOptions options() {
      Map<String, String> known = new HashMap<>(SMALL);
      known
          .keySet()
          .removeIf(
              name ->
                  provider.description().options().stream()
                      .noneMatch(option -> option.name().equals(name)));
      return MethodOptions.parse(profile, provider.description().options(), known);
    }

    /** A network for the method: the given one, or a transformer if it reads attention weights. */
    ExplainableModel on(ExplainableModel net) {
      return provider.description().readsAttention()
          ? new AttentionNet(net.channelLayout(), BLOCKS, 1)
          : net;
    }

    @Override
    public String toString() {
      return provider.description().name() + ", " + profile;
    }
  }

  static Stream<Registered> methods() {
    List<XAIMethodProvider<?>> providers = new XAIMethodRegistry().providers();
    return Stream.of(Profile.values())
        .flatMap(profile -> providers.stream().map(provider -> new Registered(provider, profile)));
  }

  @Override
  protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
    return registered.create(model, layerName);
  }

  @Override
  protected ExplainableModel open(Setting setting) {
    return registered.on(super.open(setting));
  }

  @Override
  protected ExplainableModel open(float factor) {
    return registered.provider().description().readsAttention()
        ? new AttentionNet(settings().get(0).layout(), BLOCKS, factor)
        : super.open(factor);
  }

  @Override
  protected boolean usesLayer() {
    return registered.provider().description().usesLayer();
  }
}
