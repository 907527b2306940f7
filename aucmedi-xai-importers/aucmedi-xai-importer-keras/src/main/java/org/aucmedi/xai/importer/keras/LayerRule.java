package org.aucmedi.xai.importer.keras;

import java.util.List;
import org.aucmedi.xai.importer.Value;

/** Translates the layers of one class. */
@FunctionalInterface
interface LayerRule {

  /** {@return the results of a call} */
  List<Value> apply(LayerCall call);
}
