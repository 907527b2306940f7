package org.aucmedi.xai;

import java.util.Arrays;
import java.util.List;

/**
 * Which of a model's outputs to explain. A target is a rule: given the outputs for an image, it
 * selects the {@linkplain Objective objectives} to explain, in the same forward pass that the maps
 * come from.
 *
 * <p>For a model that ends in a single sigmoid unit, class 1 is yes and class 0 is no.
 *
 * <p>The maps of all objectives of a batch are held in memory at once; for a model with many
 * classes, explain a few at a time with {@link #ofClasses}.
 *
 * <p>You can write your own rule as a lambda.
 */
@FunctionalInterface
public interface Target {

  /**
   * Explains the predicted class: the one with the largest output, or the first of several.
   *
   * @return a target with one map per image
   */
  static Target argmax() {
    return new Targets.Argmax();
  }

  /**
   * Explains the classes with the largest outputs.
   *
   * @param k the number of classes, at least 1; all classes if the model has fewer
   * @return a target with k maps per image, the largest output first
   */
  static Target topK(int k) {
    return new Targets.TopK(k);
  }

  /**
   * Explains every class whose output is above a threshold, for multi-label models.
   *
   * @param threshold the threshold on the outputs, for instance 0.5 for probabilities
   * @return a target with one map per such class, in the order of the classes; possibly none
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
   * @param classIndices the distinct classes, from 0; the maps have the same order
   * @return a target with one map per class
   * @throws IllegalArgumentException if there are none, or one is negative or repeated
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
   * Explains why one class was predicted rather than another: the difference of their scores.
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
   * Explains a function of the outputs. Its value itself is explained, so it cannot be combined
   * with {@link Score#LOGIT}.
   *
   * @param name the label of the maps
   * @param function the function and its gradient
   * @return a target with one map per image
   */
  static Target of(String name, OutputFunction function) {
    return new Targets.OfFunction(new Objective.OfFunction(name, function));
  }

  /**
   * Explains given objectives, for instance those that another target selected in an earlier pass.
   *
   * @param objectives the objectives of each image of a batch
   * @return a target with one map per objective
   */
  static Target ofObjectives(List<List<Objective>> objectives) {
    return new Targets.Chosen(objectives);
  }

  /**
   * Parses a target.
   *
   * @param text {@code argmax}, {@code all}, {@code top3}, {@code above0.5}, classes such as {@code
   *     0,2}, or a contrast such as {@code 3vs5}; case-insensitive
   * @return the target, whose {@code toString} is this text
   * @throws IllegalArgumentException if the text is none of these
   */
  static Target parse(String text) {
    return Targets.parse(text);
  }

  /**
   * Parses a target that may also name classes by their names.
   *
   * @param text as for {@link #parse(String)}, or a list of names such as {@code WBC,RBC}; numbers
   *     are positions, whatever the names are
   * @param classNames the names of the classes in the order of the outputs; none if they have none
   * @return the target
   * @throws IllegalArgumentException if the text is neither; the message lists the names
   */
  static Target parse(String text, List<String> classNames) {
    return Targets.parse(text, classNames);
  }

  /**
   * Selects the objectives for an image.
   *
   * @param outputs the model's outputs for the image, one per class
   * @param image the index of the image in its batch
   * @param images the number of images in the batch
   * @return the objectives, one per map, possibly none
   * @throws IllegalArgumentException if the model has no such class, or the target expects another
   *     number of images
   */
  List<Objective> objectives(float[] outputs, int image, int images);
}
