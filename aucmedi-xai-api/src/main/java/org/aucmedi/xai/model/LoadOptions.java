package org.aucmedi.xai.model;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings that a model file does not declare, or that override what it declares. All are optional;
 * whatever is not set is read from the model.
 *
 * <pre>{@code
 * LoadOptions options = LoadOptions.builder().optOutput("logits").build();
 * ExplainableModel model = ExplainableModel.load(Path.of("model.pt"), options);
 * }</pre>
 *
 * @param engine DJL's name of the engine, case-insensitive, or null to infer it from the file
 * @param layout where the model expects channels, or null to infer it from the declared input
 *     shape, else to use the engine's default
 * @param output the name or the number, from 0, of the output to explain, or null if there is only
 *     one
 * @param activation what the last operation is, or null to read it from the model
 * @param signature the signature of a SavedModel, or null for {@code serving_default} or the only
 *     one
 * @param device where the model runs, or null for the engine's default device; only PyTorch
 *     supports devices other than the CPU
 * @param weights the file with the weights where the model file has only the architecture, as
 *     Keras's {@code to_json()} writes it, or null
 * @param optimize whether many predictions may be made with an optimised copy of the model, which
 *     takes the memory of its weights again, see {@link ExplainableModel#expect}; only PyTorch
 *     makes one, of TorchScript files on the CPU
 */
public record LoadOptions(
    @Nullable String engine,
    @Nullable ChannelLayout layout,
    @Nullable String output,
    @Nullable OutputActivation activation,
    @Nullable String signature,
    @Nullable Device device,
    @Nullable Path weights,
    boolean optimize) {

  /** Reads everything from the model. */
  public static final LoadOptions NONE = builder().build();

  /** Checks the parts. */
  public LoadOptions {
    if (activation != null) {
      OutputActivation.checkKnown(activation);
    }
    checkArgument(output == null || !output.isBlank(), "the name of an output must not be empty");
  }

  /**
   * Starts with nothing set.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a builder with these settings} */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.engine = engine;
    builder.layout = layout;
    builder.output = output;
    builder.activation = activation;
    builder.signature = signature;
    builder.device = device;
    builder.weights = weights;
    builder.optimize = optimize;
    return builder;
  }

  /** Builds {@link LoadOptions}. */
  public static final class Builder {

    private @Nullable String engine;
    private @Nullable ChannelLayout layout;
    private @Nullable String output;
    private @Nullable OutputActivation activation;
    private @Nullable String signature;
    private @Nullable Device device;
    private @Nullable Path weights;
    private boolean optimize = true;

    private Builder() {}

    /**
     * Sets the engine.
     *
     * @param engine DJL's name of it, for instance "PyTorch"
     * @return this builder
     */
    public Builder optEngine(String engine) {
      this.engine = Objects.requireNonNull(engine, "engine");
      return this;
    }

    /**
     * Sets where the model expects channels.
     *
     * @param layout the layout
     * @return this builder
     */
    public Builder optLayout(ChannelLayout layout) {
      this.layout = Objects.requireNonNull(layout, "layout");
      return this;
    }

    /**
     * Sets which of several outputs to explain.
     *
     * @param output its name, or its number from 0
     * @return this builder
     */
    public Builder optOutput(String output) {
      this.output = Objects.requireNonNull(output, "output");
      return this;
    }

    /**
     * Sets what the last operation of the model is.
     *
     * @param activation the activation, not {@link OutputActivation#UNKNOWN}
     * @return this builder
     */
    public Builder optActivation(OutputActivation activation) {
      this.activation = Objects.requireNonNull(activation, "activation");
      return this;
    }

    /**
     * Sets which signature of a SavedModel to explain.
     *
     * @param signature its name
     * @return this builder
     */
    public Builder optSignature(String signature) {
      this.signature = Objects.requireNonNull(signature, "signature");
      return this;
    }

    /**
     * Sets where the model runs.
     *
     * @param device for instance {@code Device.gpu(1)}
     * @return this builder
     */
    public Builder optDevice(Device device) {
      this.device = Objects.requireNonNull(device, "device");
      return this;
    }

    /**
     * Sets the file with the weights of a model file that has only the architecture.
     *
     * @param weights for instance what Keras's {@code save_weights} writes
     * @return this builder
     */
    public Builder optWeights(Path weights) {
      this.weights = Objects.requireNonNull(weights, "weights");
      return this;
    }

    /**
     * Sets whether many predictions may be made with an optimised copy of the model.
     *
     * @param optimize false to run the model exactly as it is; true by default
     * @return this builder
     */
    public Builder optOptimize(boolean optimize) {
      this.optimize = optimize;
      return this;
    }

    /**
     * Builds the options.
     *
     * @return the options
     */
    public LoadOptions build() {
      return new LoadOptions(
          engine, layout, output, activation, signature, device, weights, optimize);
    }
  }
}
