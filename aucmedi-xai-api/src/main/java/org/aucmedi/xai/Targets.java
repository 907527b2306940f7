package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The kinds of {@link Target}. */
final class Targets {

  private static final Pattern TOP = Pattern.compile("top(\\d{1,9})");
  private static final Pattern ABOVE = Pattern.compile("above(-?[0-9.]+(?:e-?[0-9]+)?)");
  private static final Pattern CONTRAST = Pattern.compile("(\\d{1,9})vs(\\d{1,9})");
  private static final Pattern CLASSES = Pattern.compile("\\d{1,9}(,\\d{1,9})*");

  private Targets() {}

  static Target parse(String text) {
    String folded = text.strip().toLowerCase(Locale.ROOT);
    Matcher top = TOP.matcher(folded);
    Matcher above = ABOVE.matcher(folded);
    Matcher contrast = CONTRAST.matcher(folded);
    if (folded.equals("argmax")) {
      return new Argmax();
    } else if (folded.equals("all")) {
      return new All();
    } else if (top.matches()) {
      return new TopK(Integer.parseInt(top.group(1)));
    } else if (above.matches()) {
      return new Above(Float.parseFloat(above.group(1)));
    } else if (contrast.matches()) {
      return new Contrast(Integer.parseInt(contrast.group(1)), Integer.parseInt(contrast.group(2)));
    }
    checkArgument(
        CLASSES.matcher(folded).matches(),
        "unknown target '%s'; use argmax, all, top3, above0.5, classes such as 0,2, or a contrast"
            + " such as 3vs5",
        text);
    return new Classes(Splitter.on(',').splitToStream(folded).map(Integer::valueOf).toList());
  }

  static Target parse(String text, List<String> classNames) {
    List<String> named = Splitter.on(',').splitToList(text);
    if (classNames.containsAll(named) && !CLASSES.matcher(text).matches()) {
      return new Classes(named.stream().map(classNames::indexOf).toList());
    }
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw classNames.isEmpty()
          ? e
          : new IllegalArgumentException(e.getMessage() + ", or names of " + classNames, e);
    }
  }

  /** A target that treats all images alike. */
  private interface Each extends Target {

    List<Objective> of(float[] output);

    @Override
    default List<Objective> objectives(float[] outputs, int image, int images) {
      return of(outputs);
    }
  }

  private static Objective checked(int classIndex, int classes) {
    checkClass(classIndex, classes);
    return new Objective.OfClass(classIndex);
  }

  private static void checkClass(int classIndex, int classes) {
    checkArgument(
        classIndex >= 0 && classIndex < classes,
        "class index %s is out of range: the model has %s",
        classIndex,
        classes == 1 ? "one class, 0" : classes + " classes, 0 to " + (classes - 1));
  }

  /** The class with the largest output. */
  record Argmax() implements Each {

    @Override
    public List<Objective> of(float[] output) {
      int best = 0;
      for (int c = 1; c < output.length; c++) {
        best = output[c] > output[best] ? c : best;
      }
      return List.of(new Objective.OfClass(best));
    }

    @Override
    public String toString() {
      return "argmax";
    }
  }

  /** The classes with the largest outputs. */
  record TopK(int k) implements Each {

    TopK {
      checkArgument(k >= 1, "k must be at least 1, got %s", k);
    }

    @Override
    public List<Objective> of(float[] output) {
      return IntStream.range(0, output.length)
          .boxed()
          .sorted(Comparator.comparing(c -> -output[c]))
          .limit(k)
          .<Objective>map(Objective.OfClass::new)
          .toList();
    }

    @Override
    public String toString() {
      return "top" + k;
    }
  }

  /** The classes whose output is above a threshold. NaN is included, so that its map reports it. */
  record Above(float threshold) implements Each {

    Above {
      checkArgument(Float.isFinite(threshold), "the threshold must be a number, got %s", threshold);
    }

    @Override
    public List<Objective> of(float[] output) {
      return IntStream.range(0, output.length)
          .filter(c -> !(output[c] <= threshold))
          .<Objective>mapToObj(Objective.OfClass::new)
          .toList();
    }

    @Override
    public String toString() {
      return "above" + threshold;
    }
  }

  /** Every class of the model. */
  record All() implements Each {

    @Override
    public List<Objective> of(float[] output) {
      return IntStream.range(0, output.length).<Objective>mapToObj(Objective.OfClass::new).toList();
    }

    @Override
    public String toString() {
      return "all";
    }
  }

  /** The same classes for every image. */
  record Classes(List<Integer> classIndices) implements Each {

    Classes {
      classIndices = List.copyOf(classIndices);
      checkArgument(!classIndices.isEmpty(), "a target needs at least one class");
      checkArgument(
          new HashSet<>(classIndices).size() == classIndices.size(),
          "the classes must be distinct, got %s",
          classIndices);
    }

    @Override
    public List<Objective> of(float[] output) {
      return classIndices.stream().map(c -> checked(c, output.length)).toList();
    }

    @Override
    public String toString() {
      return classIndices.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
  }

  /** Objectives given in advance, for each image. */
  record Chosen(List<List<Objective>> chosen) implements Target {

    Chosen {
      chosen = chosen.stream().map(List::copyOf).toList();
    }

    @Override
    public List<Objective> objectives(float[] outputs, int image, int images) {
      checkArgument(
          chosen.size() == images,
          "the target has objectives for %s images, the batch has %s",
          chosen.size(),
          images);
      return chosen.get(image);
    }
  }

  /** A class for each image. */
  record PerImage(List<Integer> classIndices) implements Target {

    PerImage {
      classIndices = List.copyOf(classIndices);
    }

    @Override
    public List<Objective> objectives(float[] outputs, int image, int images) {
      checkArgument(
          classIndices.size() == images,
          "the target names a class for %s images, the batch has %s",
          classIndices.size(),
          images);
      return List.of(checked(classIndices.get(image), outputs.length));
    }
  }

  /** One class against another. */
  record Contrast(int classIndex, int against) implements Each {

    Contrast {
      checkArgument(
          classIndex != against, "a contrast needs two classes, got %s twice", classIndex);
    }

    @Override
    public List<Objective> of(float[] output) {
      checkClass(classIndex, output.length);
      checkClass(against, output.length);
      return List.of(new Objective.Contrast(classIndex, against));
    }

    @Override
    public String toString() {
      return classIndex + "vs" + against;
    }
  }

  /** A function of the outputs. */
  record OfFunction(Objective.OfFunction objective) implements Each {

    @Override
    public List<Objective> of(float[] output) {
      return List.of(objective);
    }

    @Override
    public String toString() {
      return objective.label();
    }
  }
}
