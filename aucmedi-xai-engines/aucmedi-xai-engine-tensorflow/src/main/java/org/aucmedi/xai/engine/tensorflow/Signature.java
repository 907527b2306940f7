package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * An entry point of a SavedModel: one image batch in, and the output to explain.
 *
 * @param name its name
 * @param input its input
 * @param outputName the name of the output in the file
 * @param output the output
 */
record Signature(String name, TensorInfo input, String outputName, TensorInfo output) {

  /** DJL's model option that selects a signature, and our property for the same. */
  static final String OPTION = "SignatureDefKey";

  private static final String DEFAULT = "serving_default";

  /** TensorFlow lists a model's initialisation among its signatures. */
  private static final String INTERNAL = "__saved_model";

  /** Integer images. */
  static final Set<DataType> WHOLE =
      EnumSet.of(
          DataType.DT_UINT8,
          DataType.DT_INT8,
          DataType.DT_UINT16,
          DataType.DT_INT16,
          DataType.DT_INT32,
          DataType.DT_INT64);

  private static final String CHOOSE = "select one by name or number (--output-name, LoadOptions)";

  /**
   * Lists a model's signatures by name.
   *
   * @param model the model
   * @return those that can be called
   */
  static Map<String, SignatureDef> all(MetaGraphDef model) {
    Map<String, SignatureDef> found = new TreeMap<>(model.getSignatureDefMap());
    found.keySet().removeIf(name -> name.startsWith(INTERNAL));
    return found;
  }

  /**
   * Selects a signature.
   *
   * @param signatures the model's signatures
   * @param wanted the name of one, or null for the default or only one
   * @param model the name of the model in messages
   * @return the name
   * @throws UnsupportedModelException if there is none of that name, or the choice is ambiguous
   */
  static String choose(
      Map<String, SignatureDef> signatures, @Nullable String wanted, String model) {
    String name = wanted == null ? DEFAULT : wanted;
    if (signatures.containsKey(name)) {
      return name;
    }
    if (signatures.isEmpty()) {
      throw new UnsupportedModelException(
          model + " has no signature; export it with Keras's model.export or tf.saved_model.save");
    }
    if (wanted == null && signatures.size() == 1) {
      return signatures.keySet().iterator().next();
    }
    throw new UnsupportedModelException(
        model
            + " has no signature "
            + name
            + " but "
            + String.join(", ", signatures.keySet())
            + "; name one of them (--signature, LoadOptions; "
            + OPTION
            + " for a DJL model)");
  }

  /**
   * Reads a signature.
   *
   * @param name its name
   * @param signature what the file says
   * @param wanted the name or the number of the output to explain, or null if there is only one
   * @param model the name of the model in messages
   * @return the signature
   * @throws UnsupportedModelException if it is not that of an image classifier, or has several
   *     outputs and none is named
   */
  static Signature of(String name, SignatureDef signature, @Nullable String wanted, String model) {
    String of = "signature " + name + " of " + model;
    TensorInfo input = input(signature, of);
    Map<String, TensorInfo> outputs = new TreeMap<>(signature.getOutputsMap());
    String output = chooseOutput(outputs, wanted, of);
    requireClassifier(output, outputs, of);
    return new Signature(name, input, output, outputs.get(output));
  }

  private static TensorInfo input(SignatureDef signature, String of) {
    Map<String, TensorInfo> inputs = new TreeMap<>(signature.getInputsMap());
    if (inputs.size() != 1) {
      throw new UnsupportedModelException(
          of
              + " takes "
              + inputs.size()
              + " inputs: "
              + describe(inputs)
              + "; export it with the image as its only input");
    }
    TensorInfo input = inputs.values().iterator().next();
    DataType type = input.getDtype();
    if (!ModelGraph.FLOATING.contains(type) && !WHOLE.contains(type)) {
      throw new UnsupportedModelException(
          of
              + " takes "
              + text(type)
              + (type == DataType.DT_STRING ? ", encoded images as a rule" : "")
              + "; export it with an input of pixels as float32 or uint8");
    }
    return input;
  }

  /** Numbers follow the alphabetical order of the names, since the file has no order. */
  private static String chooseOutput(
      Map<String, TensorInfo> outputs, @Nullable String wanted, String of) {
    List<String> names = new ArrayList<>(outputs.keySet());
    if (wanted == null) {
      if (names.size() == 1) {
        return names.get(0);
      }
      throw new UnsupportedModelException(
          of + " has " + names.size() + " outputs: " + describe(outputs) + "; " + CHOOSE);
    }
    if (outputs.containsKey(wanted)) {
      return wanted;
    }
    for (int i = 0; i < names.size(); i++) {
      if (wanted.equals(String.valueOf(i))) {
        return names.get(i);
      }
    }
    throw new UnsupportedModelException(
        of + " has no output '" + wanted + "'; its outputs are " + describe(outputs));
  }

  private static void requireClassifier(String name, Map<String, TensorInfo> outputs, String of) {
    TensorInfo output = outputs.get(name);
    Shape shape = shape(output);
    boolean classifier = shape == null || shape.dimension() > 0;
    for (int axis = 2; shape != null && axis < shape.dimension(); axis++) {
      classifier &= shape.get(axis) <= 1;
    }
    if (classifier && ModelGraph.FLOATING.contains(output.getDtype())) {
      return;
    }
    throw new UnsupportedModelException(
        "output '"
            + name
            + "' of "
            + of
            + " is "
            + text(output.getDtype())
            + " of shape "
            + (shape == null ? "unknown" : shape)
            + ", but a classifier returns floats of shape (N, classes); "
            + (outputs.size() > 1
                ? "choose among " + describe(outputs) + " (--output-name, LoadOptions)"
                : "export the model with its probabilities or logits as output"));
  }

  private static String describe(Map<String, TensorInfo> tensors) {
    List<String> names = List.copyOf(tensors.keySet());
    return names.isEmpty()
        ? "none"
        : names.stream()
            .map(
                name ->
                    names.indexOf(name)
                        + " '"
                        + name
                        + "' "
                        + (shape(tensors.get(name)) == null ? "" : shape(tensors.get(name))))
            .map(String::strip)
            .collect(Collectors.joining(", "));
  }

  /** Names a type as in Python: uint8. */
  static String text(DataType type) {
    return type.name().replaceFirst("DT_", "").toLowerCase(Locale.ROOT);
  }

  /** Returns a declared shape, -1 for dynamic dimensions, or null if the rank is unknown. */
  private static @Nullable Shape shape(TensorInfo info) {
    TensorShapeProto shape = info.getTensorShape();
    return shape.getUnknownRank()
        ? null
        : new Shape(shape.getDimList().stream().mapToLong(TensorShapeProto.Dim::getSize).toArray());
  }

  /** Returns whether the input has an integer type. */
  boolean takesWholeNumbers() {
    return WHOLE.contains(input.getDtype());
  }

  /** Returns whether the input's integer type can hold a range of values. */
  boolean holds(float least, float most) {
    return switch (input.getDtype()) {
      case DT_UINT8 -> least >= 0 && most <= 255;
      case DT_INT8 -> least >= Byte.MIN_VALUE && most <= Byte.MAX_VALUE;
      case DT_UINT16 -> least >= 0 && most <= 65_535;
      case DT_INT16 -> least >= Short.MIN_VALUE && most <= Short.MAX_VALUE;
      default -> least >= Integer.MIN_VALUE && most < Integer.MAX_VALUE;
    };
  }

  /** Returns the input's shape, -1 for dynamic dimensions, or null if the rank is unknown. */
  @Nullable Shape inputShape() {
    return shape(input);
  }
}
