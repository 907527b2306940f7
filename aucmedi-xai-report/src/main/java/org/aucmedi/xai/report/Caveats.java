package org.aucmedi.xai.report;

import com.google.gson.JsonObject;
import org.aucmedi.xai.MapStatus;

/** What a status of a map means to somebody who reads maps, and what to do about it. */
final class Caveats {

  private Caveats() {}

  /** {@return for each status but OK its title, meaning and remedy, by name} */
  static JsonObject all() {
    JsonObject all = new JsonObject();
    for (MapStatus status : MapStatus.values()) {
      if (status != MapStatus.OK) {
        all.add(status.name(), of(status));
      }
    }
    return all;
  }

  private static JsonObject of(MapStatus status) {
    return switch (status) {
      case OK -> throw new IllegalArgumentException("nothing is wrong with such a map");
      case FLAT ->
          words(
              "Flat",
              "Every position has the same value, so the map points nowhere. Its colours say"
                  + " nothing about the image.",
              "Try another method, or another layer for a class activation map. If all maps of a"
                  + " class are flat, the model may not use the image for it.");
      case ZERO_GRADIENT ->
          words(
              "Zero gradient",
              "The score does not respond to small changes of the image, so a method that follows"
                  + " gradients sees nothing. This happens where the model is very sure.",
              "Use a method that does not need gradients, such as occlusionsensitivity, or explain"
                  + " the score before the last activation.");
      case NON_FINITE ->
          words(
              "Not finite",
              "The model or the method returned a value that is not a number. The map is empty, and"
                  + " the prediction may be wrong as well.",
              "Do not use the prediction. Check that the image was prepared as the model was"
                  + " trained, and that its values are in the usual range.");
      case NOT_CONVERGED ->
          words(
              "Not converged",
              "The method stopped before it reached its own accuracy. Where it points may be right;"
                  + " how strongly may not.",
              "Run it again with more steps or samples (--option steps=200), and compare.");
      case NOT_CONSERVED ->
          words(
              "Not conserved",
              "The parts that the map shows do not add up to the score. Some of it was lost on the"
                  + " way through the network, or made there.",
              "Choose other rules (--option composite=epsilon), or another method, and compare.");
      case UNSTABLE ->
          words(
              "Unstable",
              "The method draws random samples, and most of what this map shows is their noise."
                  + " Another random seed gives another map.",
              "Run it again with more samples (--option samples=5000), or until the map is reliable"
                  + " (--option reliability=0.9).");
      case OUTSIDE_BODY ->
          words(
              "Outside the body",
              "Most of the highest values of the map lie outside the body that the given mask"
                  + " shows. The model may look at a label, the table, or the frame of the"
                  + " picture.",
              "Look at the image. Cover or crop what is outside, and see whether the prediction"
                  + " stays.");
      case FILL_WITHOUT_EFFECT ->
          words(
              "Fill without effect",
              "The score does not drop when all of the image is filled in. So the model may see the"
                  + " class in the fill itself, and hiding parts shows little.",
              "Choose another fill (--option fill=mean), or explain a class that the model"
                  + " predicts.");
    };
  }

  private static JsonObject words(String title, String meaning, String remedy) {
    JsonObject words = new JsonObject();
    words.addProperty("title", title);
    words.addProperty("meaning", meaning);
    words.addProperty("remedy", remedy);
    return words;
  }
}
