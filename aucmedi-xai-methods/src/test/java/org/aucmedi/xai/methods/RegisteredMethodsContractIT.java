package org.aucmedi.xai.methods;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Setting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On PyTorch, whose arrays lie in native memory; in one profile, since profiles differ in numbers.
 * Blocks have no propagation rules, and these no attention.
 */
@ParameterizedClass
@MethodSource("methodsOnce")
final class RegisteredMethodsContractIT extends RegisteredMethodsContract {

  private final List<Model> models = new ArrayList<>();

  static Stream<Registered> methodsOnce() {
    return methods()
        .filter(method -> method.profile() == Profile.PAPER)
        .filter(
            method -> !method.provider().description().requires().contains(Capability.PROPAGATION))
        .filter(method -> !method.provider().description().readsAttention());
  }

  @AfterEach
  void closeModels() {
    models.forEach(Model::close);
    models.clear();
  }

  @Override
  protected List<Setting> settings() {
    return super.settings().stream()
        .filter(setting -> setting.layout() == ChannelLayout.CHANNELS_FIRST)
        .toList();
  }

  @Override
  protected ExplainableModel open(Setting setting) {
    Model model = SmallNets.convolutional(setting.shape(1));
    models.add(model);
    return SmallNets.explainable(model);
  }
}
