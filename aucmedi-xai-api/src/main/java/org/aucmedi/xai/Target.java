package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which output of the model a map explains.
 *
 * <p>A target asks for one map per image or more. Each map explains the sum of the classes' {@link
 * Score}s, weighted by a seed: one-hot for a class, with a minus one for the class that a contrast
 * subtracts. Of a model that ends in one sigmoid unit class 1 is yes and class 0 is no.
 *
 * <p>Maps of all classes of a batch are held at once; of a model with many classes ask for some at
 * a time, by {@link #ofClasses}.
 */
public sealed interface Target {

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
   * @param classIndices the classes, from 0; the maps come in this order
   * @return a target with one map per class
   */
  static Target ofClasses(int... classIndices) {
    return new Classes(Arrays.stream(classIndices).boxed().toList());
  }

  /**
   * Explains every class of each image.
   *
   * @return a target with one map per class of the model
   */
  static Target all() {
    return new All();
  }

  /**
   * Explains one class for each image of a batch, for instance the predicted one.
   *
   * @param classIndices the class of each image
   * @return a target with one map per image
   */
  static Target perImage(int... classIndices) {
    return new PerImage(Arrays.stream(classIndices).boxed().toList());
  }

  /**
   * Explains why one class and not another: the score is their difference.
   *
   * @param classIndex the class that speaks for
   * @param against the class that speaks against
   * @return a target with one map per image
   */
  static Target contrast(int classIndex, int against) {
    return new Contrast(classIndex, against);
  }

  /**
   * Returns how many maps each image gets.
   *
   * @param classes the number of classes of the model
   * @return the number of maps
   */
  int maps(int classes);

  /**
   * Returns the weight of every output in the score that a map explains.
   *
   * @param map the index of the map
   * @param image the index of the image in its batch
   * @param images the number of images in the batch
   * @param classes the number of classes of the model
   * @return the weights, one per class
   * @throws IllegalArgumentException if the model has no such class
   */
  float[] seed(int map, int image, int images, int classes);

  /** The same classes for every image. */
  record Classes(List<Integer> classIndices) implements Target {

    /** Copies the classes. */
    public Classes {
      classIndices = List.copyOf(classIndices);
      checkArgument(!classIndices.isEmpty(), "a target needs a class, got none");
    }

    @Override
    public int maps(int classes) {
      return classIndices.size();
    }

    @Override
    public float[] seed(int map, int image, int images, int classes) {
      return Seeds.oneHot(classIndices.get(map), classes);
    }
  }

  /** Every class of the model. */
  record All() implements Target {

    @Override
    public int maps(int classes) {
      return classes;
    }

    @Override
    public float[] seed(int map, int image, int images, int classes) {
      return Seeds.oneHot(map, classes);
    }
  }

  /** A class for each image. */
  record PerImage(List<Integer> classIndices) implements Target {

    /** Copies the classes. */
    public PerImage {
      classIndices = List.copyOf(classIndices);
    }

    @Override
    public int maps(int classes) {
      return 1;
    }

    @Override
    public float[] seed(int map, int image, int images, int classes) {
      checkArgument(
          classIndices.size() == images,
          "the target names a class for %s images, the batch has %s",
          classIndices.size(),
          images);
      return Seeds.oneHot(classIndices.get(image), classes);
    }
  }

  /** One class against another. */
  record Contrast(int classIndex, int against) implements Target {

    /** Checks the classes. */
    public Contrast {
      checkArgument(
          classIndex != against, "a contrast needs two classes, got %s twice", classIndex);
    }

    @Override
    public int maps(int classes) {
      return 1;
    }

    @Override
    public float[] seed(int map, int image, int images, int classes) {
      float[] seed = Seeds.oneHot(classIndex, classes);
      Seeds.check(against, classes);
      seed[against] = -1;
      return seed;
    }
  }

  /**
   * Returns the seeds of every map for a whole batch.
   *
   * @param images the number of images in the batch
   * @param classes the number of classes of the model
   * @return one array per map, (images, classes) in row-major order
   * @throws IllegalArgumentException if the model has no such class
   */
  default List<float[]> seeds(int images, int classes) {
    return IntStream.range(0, maps(classes))
        .mapToObj(
            map -> {
              float[] all = new float[images * classes];
              for (int image = 0; image < images; image++) {
                float[] seed = seed(map, image, images, classes);
                System.arraycopy(seed, 0, all, image * classes, classes);
              }
              return all;
            })
        .toList();
  }
}
