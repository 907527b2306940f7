package org.aucmedi.xai.model;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trained classifier that explanation methods can inspect.
 *
 * <p>Every pass runs in inference mode: dropout is off, batch normalisation uses and keeps its
 * running statistics, weights are untouched, and equal inputs have equal results. Gradients come
 * from the engine's own reverse-mode differentiation.
 *
 * <p>The outputs are (N, classes). Model outputs of shape (N, classes, 1, 1) or (N) are reshaped to
 * that. A model that ends in a single sigmoid unit has two classes: 1, whose output is the unit's
 * p, and 0, whose output is 1 - p. If a model has several outputs, {@link LoadOptions#output}
 * selects one.
 *
 * <p>A batch is a float32 array (N, C, spatial...) or (N, spatial..., C), see {@link
 * #channelLayout()}, with two or three spatial axes. An {@link OutputGradient} defines what to
 * differentiate, for instance one-hot rows for a class. Results are attached to the batch's
 * manager, which the caller closes; all intermediate arrays are freed before a call returns.
 *
 * <p>Thread-safe; calls on one instance run one after the other.
 */
public interface ExplainableModel extends AutoCloseable {

  /**
   * Wraps a loaded DJL model, using the implementation from its engine's module.
   *
   * <p>The caller still owns the DJL model; closing it also frees what this object holds.
   *
   * @param model a loaded model
   * @return the explainable model, in the engine's usual {@linkplain ChannelLayout layout}
   * @throws IllegalArgumentException if no provider on the classpath accepts the model
   */
  static ExplainableModel of(Model model) {
    return of(model, LoadOptions.NONE);
  }

  /**
   * Wraps a loaded DJL model, with settings that cannot be read from it.
   *
   * @param model a loaded model, which may be a zoo model
   * @param options layout, output to explain, and other settings
   * @return the explainable model
   * @throws IllegalArgumentException if no provider on the classpath accepts the model
   * @throws UnsupportedModelException if the model cannot be explained with these settings
   */
  static ExplainableModel of(Model model, LoadOptions options) {
    Model loaded = ModelProviders.unwrap(model);
    return ModelProviders.forModel(loaded).create(loaded, options);
  }

  /**
   * Loads a model file.
   *
   * @param path the file or folder that the engine reads, for instance a TorchScript {@code .pt}
   * @return the model, which the caller closes
   * @throws IllegalArgumentException if there is no such file, or no provider for it
   * @throws org.aucmedi.xai.error.XAIException if the engine cannot read the file
   */
  static ExplainableModel load(Path path) {
    return load(path, LoadOptions.NONE);
  }

  /**
   * Loads a model file with a given engine.
   *
   * @param path the file or folder that the engine reads
   * @param engineName DJL's name of the engine
   * @return the model, which the caller closes
   * @throws IllegalArgumentException if there is no such file, engine or provider
   * @throws org.aucmedi.xai.error.XAIException if the engine cannot read the file
   */
  static ExplainableModel load(Path path, String engineName) {
    return load(path, LoadOptions.builder().optEngine(engineName).build());
  }

  /**
   * Loads a model file, with settings that cannot be read from it.
   *
   * @param path the file or folder that the engine reads
   * @param options engine, layout, output to explain, and other settings
   * @return the model, which the caller closes
   * @throws IllegalArgumentException if there is no such file, engine or provider
   * @throws UnsupportedModelException if the model cannot be explained with these settings
   * @throws org.aucmedi.xai.error.XAIException if the engine cannot read the file
   */
  static ExplainableModel load(Path path, LoadOptions options) {
    return ModelProviders.load(path, options);
  }

  /**
   * Names all files of a model: weights may be beside the file that is loaded, as those of MXNet
   * and large ONNX models are.
   *
   * @param path the file or folder that would be loaded
   * @return the files, absolute, or the folder that has them
   * @throws org.aucmedi.xai.error.XAIException if the path cannot be read, or a file is missing
   */
  static List<Path> files(Path path) {
    return ModelProviders.files(path);
  }

  /** {@return DJL's name of the engine that runs this model, for instance "PyTorch"} */
  String engineName();

  /** {@return where the model expects the channels of its input} */
  ChannelLayout channelLayout();

  /** {@return what this model can do, at least {@link Capability#PREDICTION}} */
  Set<Capability> capabilities();

  /**
   * Opens a manager on this model's engine and device, for batches and results. It does not close
   * with the model.
   *
   * @return a new manager, which the caller closes
   * @throws IllegalStateException if this model is closed
   */
  NDManager newManager();

  /**
   * Announces predictions, so that the model can get ready for many of them. An engine may then
   * predict with an optimised copy of the model, whose outputs differ from the model's own by
   * rounding, at most 1e-5 of the largest; see {@link LoadOptions#optimize}.
   *
   * <p>Call it before a sweep, so that all of its predictions are made in the same way. By default
   * it does nothing.
   *
   * @param images how many images will be predicted next, about; not negative
   */
  default void expect(long images) {}

  /**
   * Predicts a batch.
   *
   * @param batch the inputs
   * @return the outputs, (N, classes), float32
   */
  NDArray predict(NDArray batch);

  /**
   * Predicts a batch into the JVM's memory.
   *
   * @param batch the inputs
   * @return the outputs, {@code [image][class]}
   */
  default float[][] outputs(NDArray batch) {
    try (NDArray output = predict(batch)) {
      float[] values = output.toFloatArray();
      float[][] rows = new float[Math.toIntExact(output.getShape().get(0))][];
      int classes = values.length / rows.length;
      for (int n = 0; n < rows.length; n++) {
        rows[n] = Arrays.copyOfRange(values, n * classes, (n + 1) * classes);
      }
      return rows;
    }
  }

  /**
   * {@return the model's last operation, as {@linkplain LoadOptions set by the caller} or as read
   * from the model; {@link OutputActivation#UNKNOWN} if neither tells}
   */
  default OutputActivation outputActivation() {
    return OutputActivation.UNKNOWN;
  }

  /**
   * {@return the input shape that the model declares, batch axis first, -1 for dynamic dimensions;
   * or null if it declares none}
   */
  default @Nullable Shape inputShape() {
    return null;
  }

  /**
   * Lists the layers without a batch. Execution order and output shapes are only given as far as
   * the model declares them. A model that declares its input but not its layers may be run on
   * zeros.
   *
   * @return the layers, never empty
   * @throws MissingCapabilityException without {@link Capability#LAYERS}
   * @throws UnsupportedModelException if the model has no layers, for instance a frozen module
   */
  default List<Layer> layers() {
    throw new MissingCapabilityException(this, Capability.LAYERS);
  }

  /**
   * Lists the layers that run on a batch, from one forward pass. A layer that runs several times is
   * listed, and explained, where it runs last. Layers whose output is not a single float array are
   * omitted.
   *
   * @param batch the inputs
   * @return the layers in the order in which they finish, with their output shapes
   * @throws MissingCapabilityException without {@link Capability#LAYERS}
   */
  default List<Layer> layers(NDArray batch) {
    throw new MissingCapabilityException(this, Capability.LAYERS);
  }

  /**
   * Computes the output of a layer.
   *
   * @param batch the inputs
   * @param layerName one of {@link #layers()}
   * @return the layer's output A, (N, ...)
   * @throws MissingCapabilityException without {@link Capability#LAYER_ACTIVATIONS}
   * @throws LayerNotFoundException if there is no such layer
   */
  default NDArray layerActivations(NDArray batch, String layerName) {
    throw new MissingCapabilityException(this, Capability.LAYER_ACTIVATIONS);
  }

  /**
   * Predicts a batch with the output of a layer replaced: all that reads the layer goes on from the
   * given values, and what bypasses it sees the batch as ever. A layer that runs several times is
   * replaced where it runs last.
   *
   * @param batch the inputs
   * @param layerName one of {@link #layers()}
   * @param activations the values to go on from, float32, shaped like {@link #layerActivations} of
   *     the batch
   * @return the outputs, (N, classes), float32
   * @throws IllegalArgumentException if there is not one row of activations for each image, or the
   *     layer's output has another shape
   * @throws MissingCapabilityException without {@link Capability#PREDICTION_FROM_LAYER}
   * @throws LayerNotFoundException if there is no such layer
   */
  default NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    throw new MissingCapabilityException(this, Capability.PREDICTION_FROM_LAYER);
  }

  /**
   * Differentiates scores with respect to the input, from one forward pass.
   *
   * @param batch the inputs
   * @param scores computes the output gradients of the scores
   * @return for each score its gradient, shaped like the batch
   * @throws IllegalArgumentException if an output gradient differs in size from the output
   * @throws MissingCapabilityException without {@link Capability#INPUT_GRADIENTS}
   * @throws UnsupportedModelException if there is no differentiable path from input to output
   */
  default NDList inputGradients(NDArray batch, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.INPUT_GRADIENTS);
  }

  /**
   * Differentiates scores with respect to a layer's output, from one forward pass.
   *
   * @param batch the inputs
   * @param scores computes the output gradients of the scores
   * @param layerName one of {@link #layers()}
   * @return output, activations and one gradient per score
   * @throws IllegalArgumentException if an output gradient differs in size from the output
   * @throws MissingCapabilityException without {@link Capability#LAYER_GRADIENTS}
   * @throws LayerNotFoundException if there is no such layer
   * @throws UnsupportedModelException if there is no differentiable path from layer to output
   */
  default LayerGradients layerGradients(NDArray batch, OutputGradient scores, String layerName) {
    throw new MissingCapabilityException(this, Capability.LAYER_GRADIENTS);
  }

  /**
   * Like {@link #inputGradients}, but with a modified backward rule for every ReLU.
   *
   * @param batch the inputs
   * @param scores computes the output gradients of the scores
   * @param rule how gradients pass through a ReLU or ReLU6; other nonlinearities keep their
   *     derivative
   * @return one gradient per score, shaped like the batch, and the number of ReLUs passed
   * @throws IllegalArgumentException if an output gradient differs in size from the output
   * @throws MissingCapabilityException without {@link Capability#GUIDED_GRADIENTS}
   * @throws UnsupportedModelException if there is no differentiable path from input to output
   */
  default GuidedGradients guidedGradients(NDArray batch, OutputGradient scores, ReluRule rule) {
    throw new MissingCapabilityException(this, Capability.GUIDED_GRADIENTS);
  }

  /**
   * Propagates the scores of classes back to the input by the rules of layer-wise relevance
   * propagation. The score of a class is its logit: a softmax or a sigmoid at the end is skipped.
   *
   * <p>ReLUs and other activations that are zero at zero pass relevance on; sums and averages share
   * it in proportion to their parts; a maximum gives it to the largest; a batch normalisation is
   * part of the convolution before it, or else a layer of its own. Any other operation on the way
   * from the input to the output is refused.
   *
   * @param batch the inputs
   * @param scores computes d(score)/d(logits), given the outputs
   * @param rules how layers share the relevance of their outputs
   * @return the relevance of the input
   * @throws IllegalArgumentException if an output gradient differs in size from the output
   * @throws MissingCapabilityException without {@link Capability#PROPAGATION}
   * @throws UnsupportedModelException if an operation has no rule; the message names it and its
   *     layer
   */
  default Relevances relevances(NDArray batch, OutputGradient scores, RelevanceRules rules) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Computes the multipliers of DeepLIFT's rescale rule: the gradient with each nonlinear
   * operation's derivative replaced by the quotient of the differences of its output and its input
   * between the batch and a reference. The score of a class is its logit: a softmax or a sigmoid at
   * the end is skipped.
   *
   * <p>A maximum passes its difference to the input's largest value where that is larger than the
   * reference's, and else to where the reference has its largest. An operation on single values
   * with hardly a difference has its derivative. Operations that multiply two values of the
   * network, or that are not known, are refused.
   *
   * @param batch the inputs x
   * @param reference the inputs x' to compare with, one for each or one for all
   * @param scores computes d(score)/d(logits), given the outputs
   * @return the multipliers of the input
   * @throws IllegalArgumentException if an output gradient differs in size from the output, or the
   *     reference from the batch
   * @throws MissingCapabilityException without {@link Capability#PROPAGATION}
   * @throws UnsupportedModelException if an operation has no rule; the message names it and its
   *     layer
   */
  default Multipliers multipliers(NDArray batch, NDArray reference, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Differentiates the scores of classes with respect to the input and to every constant that the
   * network adds to its values, and multiplies the latter with the constants. The score of a class
   * is its logit: a softmax or a sigmoid at the end is skipped.
   *
   * <p>Constants are the biases of layers with weights; {@code beta - gamma * mean / sqrt(var +
   * eps)} of a batch normalisation, which is one layer with a convolution or a dense layer right
   * before it; sums with constants; and {@code f(u) - f'(u) * u} of an activation f that is not
   * straight through zero. With these the sums of all parts add up to the score. Operations that
   * multiply two values of the network, or that are not known, are refused.
   *
   * @param batch the inputs
   * @param scores computes d(score)/d(logits), given the outputs
   * @return the gradients of the input, and what each constant adds to the score
   * @throws IllegalArgumentException if an output gradient differs in size from the output
   * @throws MissingCapabilityException without {@link Capability#PROPAGATION}
   * @throws UnsupportedModelException if an operation has no rule; the message names it and its
   *     layer
   */
  default BiasGradients biasGradients(NDArray batch, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Frees the native memory of this object, after any pass in progress. A DJL model passed to
   * {@link #of} stays open. Later calls throw IllegalStateException; closing again has no effect.
   * The caller's arrays and managers are not affected.
   */
  @Override
  void close();
}
