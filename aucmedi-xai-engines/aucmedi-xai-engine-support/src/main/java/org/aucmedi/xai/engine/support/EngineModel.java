package org.aucmedi.xai.engine.support;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.BiasGradients;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.GuidedGradients;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.Multipliers;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.OutputGradient;
import org.aucmedi.xai.model.RelevanceRules;
import org.aucmedi.xai.model.Relevances;
import org.aucmedi.xai.model.ReluRule;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Base class of the engines' models. It checks batches, copies them into the engine, and splits
 * them if the model only takes a fixed number of images; selects the output to explain and views it
 * as (N, classes); serialises calls; and moves results to the caller's manager while freeing
 * everything else.
 *
 * <p>A subclass implements the passes for its {@linkplain #capabilities() capabilities}. A pass
 * receives a scope that closes after it and a private copy of the batch in that scope; it may
 * return arrays of any manager. Outputs are handled in the model's own shape; {@link
 * #outputGradients} converts output gradients to that shape.
 */
public abstract class EngineModel implements ExplainableModel {

  private static final Logger logger = LoggerFactory.getLogger(EngineModel.class);

  private final Engine engine;
  private final Device device;
  private final LoadOptions options;
  private final ChannelLayout usualLayout;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean closed;
  private volatile @Nullable OutputActivation activation;

  /** Whether the model rejected a batch whose images it accepts one by one. */
  private volatile boolean oneByOne;

  /**
   * Constructs a model.
   *
   * @param manager any manager on the model's engine and device
   * @param options settings that override what the model declares
   * @param usualLayout the default layout of this kind of model
   */
  protected EngineModel(NDManager manager, LoadOptions options, ChannelLayout usualLayout) {
    this.engine = manager.getEngine();
    this.device = manager.getDevice();
    this.options = Objects.requireNonNull(options, "options");
    checkArgument(
        options.device() == null || options.device().equals(device),
        "the %s model runs on %s and cannot be moved to %s; load it there, or omit the device",
        engine.getEngineName(),
        device,
        options.device());
    this.usualLayout = usualLayout;
  }

  /**
   * Runs the model on a batch.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @return the output to explain, {@linkplain #choose selected} but not reshaped
   */
  protected abstract NDArray forward(NDManager scope, NDArray batch);

  /**
   * Implements {@link #layers()}.
   *
   * @return the layers
   */
  protected List<Layer> declareLayers() {
    throw new MissingCapabilityException(this, Capability.LAYERS);
  }

  /**
   * Implements {@link #layers(NDArray)}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @return the layers that ran, in the order in which they finished
   */
  protected List<Layer> traceLayers(NDManager scope, NDArray batch) {
    throw new MissingCapabilityException(this, Capability.LAYERS);
  }

  /**
   * Implements {@link #layerActivations}, by default as a layer pass without scores.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param layerName the layer
   * @return its output
   */
  protected NDArray activate(NDManager scope, NDArray batch, String layerName) {
    return differentiateLayer(scope, batch, outputs -> List.of(), layerName).activations();
  }

  /**
   * Implements {@link #predictFromLayer}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param layerName the layer
   * @param activations what to go on from, in the pass's scope; to be {@linkplain #checkReplaces
   *     checked} against the layer's output
   * @return the output to explain, {@linkplain #choose selected} but not reshaped
   */
  protected NDArray forwardFrom(
      NDManager scope, NDArray batch, String layerName, NDArray activations) {
    throw new MissingCapabilityException(this, Capability.PREDICTION_FROM_LAYER);
  }

  /**
   * Refuses to replace a layer's output by one of another shape.
   *
   * @param layerName the layer
   * @param activations the shape of what was given
   * @param output the shape of the layer's output
   */
  protected static void checkReplaces(String layerName, Shape activations, Shape output) {
    checkArgument(
        activations.equals(output),
        "layer '%s' gives an output of shape %s, it cannot be replaced by one of shape %s",
        layerName,
        output,
        activations);
  }

  /**
   * Implements {@link #inputGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param scores what to differentiate, see {@link #outputGradients}
   * @return one gradient per score
   */
  protected NDList differentiate(NDManager scope, NDArray batch, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.INPUT_GRADIENTS);
  }

  /**
   * Implements {@link #layerGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param scores what to differentiate, see {@link #outputGradients}; possibly nothing
   * @param layerName the layer
   * @return the output in the model's own shape, activations and one gradient per score
   */
  protected LayerGradients differentiateLayer(
      NDManager scope, NDArray batch, OutputGradient scores, String layerName) {
    throw new MissingCapabilityException(this, Capability.LAYER_GRADIENTS);
  }

  /**
   * Implements {@link #guidedGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param scores what to differentiate, see {@link #outputGradients}
   * @param rule how gradients pass through a ReLU
   * @return one gradient per score and the number of ReLUs
   */
  protected GuidedGradients differentiateGuided(
      NDManager scope, NDArray batch, OutputGradient scores, ReluRule rule) {
    throw new MissingCapabilityException(this, Capability.GUIDED_GRADIENTS);
  }

  /**
   * Implements {@link #relevances}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param scores what to start with, see {@link #outputGradients}
   * @param rules how layers share relevance
   * @return for each score the relevance of the input, the score and what biases took, (N)
   */
  protected Relevances propagate(
      NDManager scope, NDArray batch, OutputGradient scores, RelevanceRules rules) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Implements {@link #multipliers}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param reference as many inputs to compare with
   * @param scores what to start with, see {@link #outputGradients}
   * @return for each score the multipliers of the input, and the difference in score, (N)
   */
  protected Multipliers compare(
      NDManager scope, NDArray batch, NDArray reference, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Implements {@link #biasGradients}.
   *
   * @param scope the pass's own manager
   * @param batch the inputs
   * @param scores what to start with, see {@link #outputGradients}
   * @return for each score the gradient of the input, the score, (N), and the parts of constants,
   *     as many for each score
   */
  protected BiasGradients separate(NDManager scope, NDArray batch, OutputGradient scores) {
    throw new MissingCapabilityException(this, Capability.PROPAGATION);
  }

  /**
   * Finds the model's last operation. Called once.
   *
   * @return the activation, or {@link OutputActivation#UNKNOWN} if it is not visible
   */
  protected OutputActivation findActivation() {
    return OutputActivation.UNKNOWN;
  }

  /**
   * Implements {@link #expect}. No pass is running.
   *
   * @param images how many images will be predicted next
   */
  protected void prepare(long images) {}

  /** Frees the resources of a subclass. No pass is running, and none will follow. */
  protected abstract void release();

  /**
   * Copies an array into a pass's scope, so that the model cannot change the original.
   *
   * <p>The default implementation copies through the JVM's memory. Engines override it for their
   * own arrays.
   *
   * @param scope the pass's own manager
   * @param array an array of any engine
   * @return the copy, on this model's engine and device
   */
  protected NDArray copy(NDManager scope, NDArray array) {
    return scope.create(FloatBuffer.wrap(array.toFloatArray()), array.getShape());
  }

  /** {@return the settings that override what the model declares} */
  protected final LoadOptions options() {
    return options;
  }

  @Override
  public final String engineName() {
    return engine.getEngineName();
  }

  @Override
  public final ChannelLayout channelLayout() {
    ChannelLayout said = options.layout();
    return said == null ? ChannelLayout.ofDeclared(inputShape(), usualLayout) : said;
  }

  @Override
  public final OutputActivation outputActivation() {
    OutputActivation known = options.activation() == null ? activation : options.activation();
    if (known != null) {
      return known;
    }
    return whileOpen(
        () -> {
          OutputActivation found = findActivation();
          activation = found;
          return found;
        });
  }

  @Override
  public final NDManager newManager() {
    requireOpen();
    return engine.newBaseManager(device);
  }

  @Override
  public final List<Layer> layers() {
    requireCapability(Capability.LAYERS);
    return whileOpen(this::declareLayers);
  }

  @Override
  public final List<Layer> layers(NDArray batch) {
    return run(
            Capability.LAYERS,
            batch,
            null,
            (scope, input, none) -> new PassResults(new NDList(), 0, traceLayers(scope, input)))
        .layers();
  }

  @Override
  public final void expect(long images) {
    checkArgument(images >= 0, "the number of images must not be negative, got %s", images);
    whileOpen(
        () -> {
          prepare(images);
          return images;
        });
  }

  @Override
  public final NDArray predict(NDArray batch) {
    return run(Capability.PREDICTION, batch, null, (scope, input, none) -> output(scope, input))
        .arrays()
        .singletonOrThrow();
  }

  private PassResults output(NDManager scope, NDArray batch) {
    return PassResults.of(
        new NDList(ClassOutputs.of(this, forward(scope, batch), batch).array(scope)));
  }

  @Override
  public final NDArray layerActivations(NDArray batch, String layerName) {
    return run(
            Capability.LAYER_ACTIVATIONS,
            batch,
            null,
            (scope, input, none) -> PassResults.of(new NDList(activate(scope, input, layerName))))
        .arrays()
        .singletonOrThrow();
  }

  @Override
  public final NDArray predictFromLayer(NDArray batch, String layerName, NDArray activations) {
    requireCapability(Capability.PREDICTION_FROM_LAYER);
    checkBatch(activations);
    checkArgument(
        activations.getShape().get(0) == batch.getShape().get(0),
        "activations must have one row for each of %s images, got shape %s",
        batch.getShape().get(0),
        activations.getShape());
    return run(
            Capability.PREDICTION_FROM_LAYER,
            new NDList(batch, activations),
            null,
            (scope, inputs, none) -> {
              NDArray output = forwardFrom(scope, inputs.get(0), layerName, inputs.get(1));
              return PassResults.of(
                  new NDList(ClassOutputs.of(this, output, inputs.get(0)).array(scope)));
            })
        .arrays()
        .singletonOrThrow();
  }

  @Override
  public final NDList inputGradients(NDArray batch, OutputGradient scores) {
    return run(
            Capability.INPUT_GRADIENTS,
            batch,
            scores,
            (scope, input, local) -> PassResults.of(differentiate(scope, input, local)))
        .arrays();
  }

  @Override
  public final LayerGradients layerGradients(
      NDArray batch, OutputGradient scores, String layerName) {
    NDList found =
        run(
                Capability.LAYER_GRADIENTS,
                batch,
                scores,
                (scope, input, local) -> {
                  LayerGradients pass = differentiateLayer(scope, input, local, layerName);
                  NDArray output = ClassOutputs.of(this, pass.output(), input).array(scope);
                  NDList arrays = new NDList(output, pass.activations());
                  return PassResults.of(arrays.addAll(pass.gradients()));
                })
            .arrays();
    return new LayerGradients(found.get(0), found.get(1), found.subNDList(2));
  }

  @Override
  public final GuidedGradients guidedGradients(
      NDArray batch, OutputGradient scores, ReluRule rule) {
    PassResults found =
        run(
            Capability.GUIDED_GRADIENTS,
            batch,
            scores,
            (scope, input, local) -> {
              GuidedGradients pass = differentiateGuided(scope, input, local, rule);
              return new PassResults(pass.gradients(), pass.relus(), List.of());
            });
    return new GuidedGradients(found.arrays(), found.relus());
  }

  @Override
  public final Relevances relevances(NDArray batch, OutputGradient scores, RelevanceRules rules) {
    return relevances(
        run(
                Capability.PROPAGATION,
                batch,
                scores,
                (scope, input, local) -> joined(propagate(scope, input, local, rules)))
            .arrays());
  }

  private static PassResults joined(Relevances pass) {
    NDList arrays = new NDList();
    return PassResults.of(
        arrays.addAll(pass.relevances()).addAll(pass.scores()).addAll(pass.biases()));
  }

  private static Relevances relevances(NDList joined) {
    int count = joined.size() / 3;
    return new Relevances(
        joined.subNDList(0, count),
        joined.subNDList(count, 2 * count),
        joined.subNDList(2 * count, joined.size()));
  }

  @Override
  public final Multipliers multipliers(NDArray batch, NDArray reference, OutputGradient scores) {
    checkBatch(reference);
    Shape shape = reference.getShape();
    checkArgument(
        shape.slice(1).equals(batch.getShape().slice(1))
            && (shape.get(0) == 1 || shape.get(0) == batch.getShape().get(0)),
        "the reference must be one image like those of the batch, of shape %s, or one for each, got"
            + " %s",
        batch.getShape(),
        shape);
    NDList joined =
        run(
                Capability.PROPAGATION,
                batch,
                scores,
                (scope, input, local) -> {
                  NDArray each = forEach(copy(scope, reference), input.getShape().get(0));
                  Multipliers pass = compare(scope, input, each, local);
                  NDList arrays = new NDList();
                  return PassResults.of(
                      arrays.addAll(pass.multipliers()).addAll(pass.differences()));
                })
            .arrays();
    int count = joined.size() / 2;
    return new Multipliers(joined.subNDList(0, count), joined.subNDList(count, joined.size()));
  }

  @Override
  public final BiasGradients biasGradients(NDArray batch, OutputGradient scores) {
    AtomicInteger count = new AtomicInteger();
    NDList joined =
        run(
                Capability.PROPAGATION,
                batch,
                scores,
                (scope, input, local) -> {
                  BiasGradients pass = separate(scope, input, local);
                  count.set(pass.scores().size());
                  NDList arrays = new NDList();
                  arrays.addAll(pass.gradients()).addAll(pass.scores());
                  pass.parts().forEach(arrays::addAll);
                  return PassResults.of(arrays);
                })
            .arrays();
    int each = count.get();
    List<NDList> parts = new ArrayList<>();
    for (int k = 0; k < each; k++) {
      int size = joined.size() / each - 2;
      int from = 2 * each + k * size;
      parts.add(joined.subNDList(from, from + size));
    }
    return new BiasGradients(joined.subNDList(0, each), joined.subNDList(each, 2 * each), parts);
  }

  /** Repeats a single reference; several cannot be split with a batch. */
  private NDArray forEach(NDArray reference, long images) {
    if (reference.getShape().get(0) == images) {
      return reference;
    }
    if (reference.getShape().get(0) > 1) {
      throw new UnsupportedModelException(
          this
              + " does not take "
              + reference.getShape().get(0)
              + " images at once; compare one image at a time with its reference");
    }
    return reference.repeat(0, images);
  }

  /** A pass over a batch, and over arrays that have a row for each of its images. */
  @FunctionalInterface
  interface Pass {
    PassResults run(NDManager scope, NDList inputs, OutputGradient scores);
  }

  @FunctionalInterface
  private interface BatchPass {
    PassResults run(NDManager scope, NDArray batch, OutputGradient scores);
  }

  private PassResults run(
      Capability needed, NDArray batch, @Nullable OutputGradient scores, BatchPass pass) {
    return run(
        needed,
        new NDList(batch),
        scores,
        (scope, inputs, local) -> pass.run(scope, inputs.head(), local));
  }

  private PassResults run(
      Capability needed, NDList inputs, @Nullable OutputGradient scores, Pass pass) {
    requireCapability(needed);
    NDArray batch = inputs.head();
    checkBatch(batch);
    return whileOpen(
        () -> {
          int images = Math.toIntExact(batch.getShape().get(0));
          int size = imagesPerPass(images);
          if (size != images) {
            return new PassInParts(this, inputs, size).run(scores, pass);
          }
          try {
            return runWhole(inputs, scores, pass);
          } catch (UnsupportedModelException e) {
            throw e;
          } catch (XAIException e) {
            if (images == 1) {
              throw e;
            }
            return runOneByOne(inputs, scores, pass, e);
          }
        });
  }

  private int imagesPerPass(int images) {
    Shape declared = inputShape();
    long fixed = declared == null || declared.dimension() == 0 ? -1 : declared.get(0);
    return fixed > 0 ? Math.toIntExact(fixed) : oneByOne ? 1 : images;
  }

  private PassResults runWhole(NDList inputs, @Nullable OutputGradient scores, Pass pass) {
    NDArray batch = inputs.head();
    try (NDManager scope = newManager()) {
      NDList copies = new NDList();
      inputs.forEach(input -> copies.add(copy(scope, input)));
      PassResults found = pass.run(scope, copies, scores == null ? outputs -> List.of() : scores);
      NDList handed = new NDList();
      for (NDArray array : found.arrays()) {
        handed.add(handOver(array, batch));
      }
      return new PassResults(handed, found.relus(), found.layers());
    }
  }

  /** A model traced with one image may only accept one, which can only be found out by trying. */
  private PassResults runOneByOne(
      NDList inputs, @Nullable OutputGradient scores, Pass pass, XAIException refusal) {
    PassInParts parts = new PassInParts(this, inputs, 1);
    try {
      parts.tryFirst();
    } catch (XAIException e) {
      throw refusal;
    }
    logger.debug("{} accepts only one image at a time", this, refusal);
    PassResults found = parts.run(scores, pass);
    oneByOne = true;
    return found;
  }

  /** Runs some work while no pass is running and the model cannot close. */
  private <T> T whileOpen(Supplier<T> work) {
    lock.lock();
    try {
      requireOpen();
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  private void requireCapability(Capability needed) {
    if (!capabilities().contains(needed)) {
      throw new MissingCapabilityException(this, needed);
    }
  }

  /**
   * Hands a result over to the caller.
   *
   * <p>The default implementation moves it to the manager of the batch; if that belongs to another
   * engine, the result is copied through the JVM's memory.
   *
   * @param result an array of this engine
   * @param batch the caller's batch
   * @return the result, owned by the manager of the batch
   */
  protected NDArray handOver(NDArray result, NDArray batch) {
    NDManager owner = batch.getManager();
    if (owner.getEngine().getEngineName().equals(engineName())) {
      result.attach(owner);
      return result;
    }
    return owner.create(FloatBuffer.wrap(result.toFloatArray()), result.getShape());
  }

  /**
   * Selects the output to explain: the only one, or the one that was named.
   *
   * @param outputs all outputs in the model's order, with their names if they have any
   * @return the one to explain
   * @throws UnsupportedModelException if there are several and none is named, or there is no such
   *     output
   */
  protected final NDArray choose(NDList outputs) {
    List<OutputChoice.Output> described =
        outputs.stream()
            .map(
                output ->
                    new OutputChoice.Output(output.getName(), String.valueOf(output.getShape())))
            .toList();
    return outputs.get(OutputChoice.of(this, described, options.output()));
  }

  /**
   * Computes the output gradients for an output.
   *
   * @param scope owns the result
   * @param output the output to explain, in the model's own shape
   * @param batch the inputs
   * @param scores what to differentiate
   * @return for each score d(score)/d(output), float32, shaped like the output
   * @throws XAIException if the output is not that of a classifier
   */
  protected final NDList outputGradients(
      NDManager scope, NDArray output, NDArray batch, OutputGradient scores) {
    ClassOutputs outputs = ClassOutputs.of(this, output, batch);
    return outputs.gradients(scope, scores.of(outputs.rows()));
  }

  /**
   * Implements {@link #differentiate(NDManager, NDArray, OutputGradient)} for an engine that
   * records a graph.
   *
   * @param autograd the engine, which is recording
   * @param scope the pass's own manager
   * @param batch the inputs, which become a leaf
   * @param scores what to differentiate
   * @param forward computes the output to explain
   * @return one gradient per score
   * @throws XAIException if the output does not depend on the inputs
   */
  protected final NDList differentiate(
      Autograd autograd,
      NDManager scope,
      NDArray batch,
      OutputGradient scores,
      UnaryOperator<NDArray> forward) {
    NDArray leaf = autograd.leaf(batch);
    // A model may change its input in place, which no engine allows for a leaf, so pass the leaf
    // plus zero. Multiplying by one does not work: PyTorch's graph would keep DJL's array of the
    // factor, whose memory may be garbage-collected before the backward pass.
    NDArray output = forward.apply(leaf.add(0));
    NDList outputGradients = outputGradients(scope, output, batch, scores);
    NDList gradients = new NDList();
    for (int k = 0; k < outputGradients.size(); k++) {
      boolean more = k < outputGradients.size() - 1;
      autograd.backward(output, BlockPasses.typed(outputGradients.get(k), output), more);
      NDArray gradient = autograd.take(leaf);
      if (gradient == null) {
        throw autograd.unreached();
      }
      gradients.add(gradient);
    }
    return gradients;
  }

  /**
   * Creates the error for a batch that the engine rejects.
   *
   * @param batch the inputs
   * @param reason the engine's message
   * @param cause the engine's exception
   * @return the exception to throw
   */
  protected final XAIException cannotRun(NDArray batch, String reason, Throwable cause) {
    return NativeMessages.cannotRun(this, batch, reason, cause);
  }

  private static void checkBatch(NDArray batch) {
    checkArgument(
        batch.getDataType() == DataType.FLOAT32,
        "a batch must be float32, got %s; convert it with toType(DataType.FLOAT32, false)",
        batch.getDataType());
    checkArgument(
        batch.getShape().dimension() > 0 && batch.getShape().size() > 0,
        "a batch must hold at least one image, got shape %s",
        batch.getShape());
  }

  @Override
  public final void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        release();
      }
    } finally {
      lock.unlock();
    }
  }
}
