package org.aucmedi.xai;

import ai.djl.Model;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * Keeps one explainable model per DJL model. The DJL model's manager owns and closes it; nothing
 * here keeps either alive.
 */
final class SharedModels {

  private static final String RESOURCE = "org.aucmedi.xai.explainable";

  private static final Map<Model, WeakReference<ExplainableModel>> models = new WeakHashMap<>();

  private SharedModels() {}

  static synchronized ExplainableModel of(Model model) {
    WeakReference<ExplainableModel> known = models.get(model);
    ExplainableModel shared = known == null ? null : known.get();
    if (shared == null) {
      shared = ExplainableModel.of(model);
      model.getNDManager().attachInternal(RESOURCE, shared);
      models.put(model, new WeakReference<>(shared));
    }
    return shared;
  }
}
