package org.aucmedi.xai.cli;

import java.util.List;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.imaging.Subfunction;
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

  /**
   * Starts a generator that prepares images as the model needs them, as far as that is known.
   *
   * @param first the steps that come before the model's own
   */
  DataGenerator.Builder generator(List<Subfunction> first) {
    if (aucmedi != null) {
      return aucmedi.generator(first);
    }
    DataGenerator.Builder generator = DataGenerator.builder();
    first.forEach(generator::addSubfunction);
    return generator;
  }

  @Override
  public void close() {
    model.close();
  }
}
