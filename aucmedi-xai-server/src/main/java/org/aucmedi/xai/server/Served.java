package org.aucmedi.xai.server;

import java.util.List;
import java.util.function.Supplier;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * What a server serves.
 *
 * @param name what people call the model, for instance the name of its file
 * @param models one copy of the model or more, which work at once; the server closes them
 * @param images starts a generator without images, which says how they are prepared; called for
 *     each request, on any thread
 * @param classNames the names of the classes in the order of the outputs; none if they have none
 * @param drawing how pictures are drawn where a request says nothing else
 */
public record Served(
    String name,
    List<ExplainableModel> models,
    Supplier<DataGenerator.Builder> images,
    List<String> classNames,
    Drawing drawing) {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if there is no model
   */
  public Served {
    models = List.copyOf(models);
    classNames = List.copyOf(classNames);
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a server needs a model");
    }
  }
}
