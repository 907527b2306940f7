package org.aucmedi.xai.cli;

import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.model.ExplainableModel;
import org.jspecify.annotations.Nullable;

/**
 * A model that a command works on.
 *
 * @param model the model
 * @param aucmedi what AUCMEDI's folder tells of it, if it comes from one
 */
record LoadedModel(ExplainableModel model, @Nullable AucmediModel aucmedi)
    implements AutoCloseable {

  /** Starts a generator that prepares images as the model needs them, as far as that is known. */
  DataGenerator.Builder generator() {
    return aucmedi == null ? DataGenerator.builder() : aucmedi.generator();
  }

  @Override
  public void close() {
    model.close();
  }
}
