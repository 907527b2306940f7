package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Which classes of an image are explained. */
public sealed interface ClassChoice {

  /**
   * Explains the class with the largest prediction, the first of equals.
   *
   * @return the choice
   */
  static ClassChoice argmax() {
    return new Argmax();
  }

  /**
   * Explains every class.
   *
   * @return the choice
   */
  static ClassChoice all() {
    return new All();
  }

  /**
   * Explains the given classes.
   *
   * @param classIndices the classes, from 0
   * @return the choice
   */
  static ClassChoice of(int... classIndices) {
    return new Fixed(Arrays.stream(classIndices).boxed().toList());
  }

  /**
   * Returns the classes to explain.
   *
   * @param prediction the model's output for the image
   * @return the classes
   * @throws IllegalArgumentException if the model has no such class
   */
  int[] classes(float[] prediction);

  /** The predicted class. */
  record Argmax() implements ClassChoice {

    @Override
    public int[] classes(float[] prediction) {
      int best = 0;
      for (int c = 1; c < prediction.length; c++) {
        if (prediction[c] > prediction[best]) {
          best = c;
        }
      }
      return new int[] {best};
    }
  }

  /** Every class. */
  record All() implements ClassChoice {

    @Override
    public int[] classes(float[] prediction) {
      return IntStream.range(0, prediction.length).toArray();
    }
  }

  /** A list of classes. */
  record Fixed(List<Integer> classIndices) implements ClassChoice {

    /** Copies the list. */
    public Fixed {
      classIndices = List.copyOf(classIndices);
      checkArgument(!classIndices.isEmpty(), "name at least one class");
      checkArgument(
          classIndices.stream().distinct().count() == classIndices.size(),
          "a class is named twice in %s",
          classIndices);
    }

    @Override
    public int[] classes(float[] prediction) {
      for (int classIndex : classIndices) {
        checkArgument(
            classIndex >= 0 && classIndex < prediction.length,
            "class index %s is out of range: the model has %s",
            classIndex,
            prediction.length == 1
                ? "one class, 0"
                : prediction.length + " classes, 0 to " + (prediction.length - 1));
      }
      return classIndices.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
