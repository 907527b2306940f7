package org.aucmedi.xai;

import java.util.Arrays;
import java.util.List;

/**
 * Which of a model's outputs are explained. A target is a rule: asked with the outputs of a batch,
 * it names what is explained of each image, its {@linkplain Objective objectives}, in the same
 * forward pass that the maps come from.
 *
 * <p>Of a model that ends in one sigmoid unit, class 1 is yes and class 0 is no.
 *
 * <p>Maps of all objectives of a batch are held at once; of a model with many classes ask for some
 * at a time, by {@link #ofClasses}.
 *
 * <p>A rule of your own is a lambda.
 */
@FunctionalInterface
public interface Target {

  /**
   * Explains the predicted class: the one with the largest output, the first of equals.
   *
   * @return a target with one map per image
   */
  static Target argmax() {
    return new Targets.Argmax();
  }

  /**
   * Explains the classes with the largest outputs.
   *
   * @param k how many, at least 1; all where the model has fewer
   * @return a target with k maps per image, the largest output first
   */
  static Target topK(int k) {
    return new Targets.TopK(k);
  }

  /**
   * Explains every class whose output is above a threshold, as of a multi-label model.
   *
   * @param threshold a value of the outputs, 0.5 for probabilities
   * @return a target with as many maps per image as there are such classes, maybe none, by class
   */
  static Target above(float threshold) {
    return new Targets.Above(threshold);
  }

  /**
   * Explains every class.
   *
   * @return a target with one map per class of the model
   */
  static Target all() {
    return new Targets.All();
  }

  /**
   * Explains one class.
   *
   * @param classIndex the class, from 0
   * @return a target with one map per image
   */
  static Target ofClass(int classIndex) {
    return ofClasses(classIndex);
  }

  /**
   * Explains several classes of each image.
   *
   * @param classIndices the classes, from 0, each once; the maps come in this order
   * @return a target with one map per class
   * @throws IllegalArgumentException if there is none, or one is negative or named twice
   */
  static Target ofClasses(int... classIndices) {
    return new Targets.Classes(Arrays.stream(classIndices).boxed().toList());
  }

  /**
   * Explains one class for each image of a batch.
   *
   * @param classIndices the class of each image
   * @return a target with one map per image
   */
  static Target perImage(int... classIndices) {
    return new Targets.PerImage(Arrays.stream(classIndices).boxed().toList());
  }

  /**
   * Explains why one class and not another: their difference.
   *
   * @param classIndex the class to find evidence for
   * @param against the class to find evidence against
   * @return a target with one map per image
   * @throws IllegalArgumentException if they are the same, or one is negative
   */
  static Target contrast(int classIndex, int against) {
    return new Targets.Contrast(classIndex, against);
  }

  /**
   * Explains a function of the outputs. It is explained as it is, so that {@link Score#LOGIT} is
   * refused beside it.
   *
   * @param name what the maps are called
   * @param function the function and its gradient
   * @return a target with one map per image
   */
  static Target of(String name, OutputFunction function) {
    return new Targets.OfFunction(new Objective.OfFunction(name, function));
  }

  /**
   * Explains what was chosen before, for instance by another target in an earlier pass.
   *
   * @param objectives for each image of a batch its objectives
   * @return a target with one map per objective
   */
  static Target ofObjectives(List<List<Objective>> objectives) {
    return new Targets.Chosen(objectives);
  }

  /**
   * Reads a target.
   *
   * @param text {@code argmax}, {@code all}, {@code top3}, {@code above0.5}, classes such as {@code
   *     0,2}, or a contrast such as {@code 3vs5}; case does not matter
   * @return the target, whose {@code toString} is this text
   * @throws IllegalArgumentException if it is none
   */
  static Target parse(String text) {
    return Targets.parse(text);
  }

  /**
   * Names what is explained of an image.
   *
   * @param outputs the model's outputs for the image, one per class
   * @param image the index of the image in its batch
   * @param images the number of images in the batch
   * @return its objectives, one per map, maybe none
   * @throws IllegalArgumentException if the model has no such class, or the target is for another
   *     number of images
   */
  List<Objective> objectives(float[] outputs, int image, int images);
}
