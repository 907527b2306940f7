package org.aucmedi.xai.importer.keras;

import java.util.List;
import java.util.Map;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.ModelConformance;

/** The golden network as Keras saves it. */
final class KerasConformanceIT extends ModelConformance {

  private static final Map<String, String> LAYERS =
      Map.of("b0.conv1", "b0_conv1", "b1", "b1_out", "head", "head_conv");

  @Override
  protected String kind() {
    return "PyTorch, Keras file";
  }

  @Override
  protected List<String> networks() {
    return List.of("resmini");
  }

  @Override
  protected ExplainableModel open(String network) {
    return ExplainableModel.load(Golden.file("models/" + network + ".keras"));
  }

  @Override
  protected String layerName(String network, String path) {
    return LAYERS.get(path);
  }
}
