package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.aucmedi.xai.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * An entry point of a SavedModel with one image batch in and one array out.
 *
 * @param name its name
 * @param input its input
 * @param output its output
 */
record Signature(String name, TensorInfo input, TensorInfo output) {

  /** The option of DJL's models that chooses a signature, and our property for the same. */
  static final String OPTION = "SignatureDefKey";

  private static final String DEFAULT = "serving_default";

  /** TensorFlow keeps a model's initialisation among its signatures. */
  private static final String INTERNAL = "__saved_model";

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
   * Chooses a signature.
   *
   * @param signatures the model's signatures
   * @param wanted the name of one, or null for the default, or the only one
   * @param model what to call the model in an error
   * @return the name
   * @throws XAIException if there is none of that name, or none can be chosen
   */
  static String choose(
      Map<String, SignatureDef> signatures, @Nullable String wanted, String model) {
    String name = wanted == null ? DEFAULT : wanted;
    if (signatures.containsKey(name)) {
      return name;
    }
    if (signatures.isEmpty()) {
      throw new XAIException(
          model + " has no signature; export it with Keras's model.export or tf.saved_model.save");
    }
    if (wanted == null && signatures.size() == 1) {
      return signatures.keySet().iterator().next();
    }
    throw new XAIException(
        model
            + " has no signature "
            + name
            + " but "
            + String.join(", ", signatures.keySet())
            + "; name one with new TensorFlowModelProvider().load(path, signature), or with the"
            + " option and property "
            + OPTION
            + " of a DJL model");
  }

  /**
   * Reads a signature.
   *
   * @param name its name
   * @param signature what the file says
   * @param model what to call the model in an error
   * @return the signature
   * @throws XAIException if it is none of a classifier
   */
  static Signature of(String name, SignatureDef signature, String model) {
    String of = "signature " + name + " of " + model;
    TensorInfo input =
        only(signature.getInputsMap(), info -> true, of + " has no single input, but");
    if (input.getDtype() != DataType.DT_FLOAT) {
      throw new XAIException(
          of + " takes " + input.getDtype() + "; only models of float32 images can be explained");
    }
    TensorInfo output =
        only(
            signature.getOutputsMap(),
            info -> ModelGraph.FLOATING.contains(info.getDtype()) && rank(info) == 2,
            of + " has no single output (N, classes), but");
    return new Signature(name, input, output);
  }

  private static TensorInfo only(
      Map<String, TensorInfo> tensors, Predicate<TensorInfo> fits, String problem) {
    List<TensorInfo> fitting = tensors.values().stream().filter(fits).toList();
    if (tensors.size() == 1) {
      return tensors.values().iterator().next();
    }
    if (fitting.size() == 1) {
      return fitting.get(0);
    }
    throw new XAIException(
        problem
            + " "
            + (tensors.isEmpty() ? "none" : String.join(", ", new TreeMap<>(tensors).keySet())));
  }

  private static int rank(TensorInfo info) {
    return info.getTensorShape().getUnknownRank() ? -1 : info.getTensorShape().getDimCount();
  }

  /** Returns the input's shape, -1 where anything goes, or null if any rank goes. */
  @Nullable Shape inputShape() {
    TensorShapeProto shape = input.getTensorShape();
    return shape.getUnknownRank()
        ? null
        : new Shape(shape.getDimList().stream().mapToLong(TensorShapeProto.Dim::getSize).toArray());
  }
}
