package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.decoder.image.ImageArray;
import org.aucmedi.xai.decoder.image.Resize;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.spi.XAIMethodProvider;
import org.jspecify.annotations.Nullable;

/**
 * Explains a set of images: AUCMEDI's {@code xai_decoder}.
 *
 * <p>Images pass through in batches, so memory is bounded by the batch size and not by the number
 * of images, unless the maps are kept. A sample that cannot be read or explained is reported and
 * the rest goes on. Where predictions are given the predicted class is explained, otherwise every
 * class.
 */
public final class XAIDecoder {

  private final DataGenerator generator;
  private final BatchExplainer explainer;
  private final boolean preprocessOverlay;
  private final boolean resizeMaps;
  private final @Nullable ExplanationWriter writer;
  private final Consumer<Integer> progress;

  private XAIDecoder(Builder builder) {
    generator = Objects.requireNonNull(builder.generator, "generator");
    ExplainableModel model = Objects.requireNonNull(builder.model, "model");
    ClassChoice classChoice = builder.classChoice();
    explainer =
        new BatchExplainer(
            model,
            builder.method(model),
            classChoice,
            builder.predictions,
            builder.raw ? null : builder.eps);
    preprocessOverlay = builder.preprocessOverlay;
    resizeMaps = builder.resizeMaps;
    progress = builder.progress;
    writer =
        builder.output == null
            ? null
            : new ExplanationWriter(
                builder.output,
                builder.format,
                builder.overlay,
                builder.alpha,
                classChoice instanceof ClassChoice.Argmax,
                generator);
  }

  /**
   * Starts a decoder.
   *
   * @return an empty builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Explains every sample.
   *
   * @return the maps or the files, and the failures
   * @throws IllegalArgumentException if the model has no such class
   * @throws CancellationException if the method is cancelled; what is written stays
   */
  public DecoderResult decode() {
    List<Explanation> explanations = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    List<Warning> warnings = new ArrayList<>();
    int size = generator.samples().size();
    for (int start = 0; start < size; start += generator.batchSize()) {
      int end = Math.min(size, start + generator.batchSize());
      for (SampleOutcome outcome : decodeRange(start, end)) {
        warnings.addAll(outcome.warnings);
        if (outcome.failure != null) {
          failures.add(outcome.failure);
        } else if (writer != null) {
          files.addAll(outcome.files);
        } else {
          explanations.add(Objects.requireNonNull(outcome.explanation));
        }
      }
      progress.accept(end);
    }
    return new DecoderResult(explanations, files, failures, warnings);
  }

  private List<SampleOutcome> decodeRange(int start, int end) {
    List<SampleOutcome> outcomes =
        IntStream.range(start, end).parallel().mapToObj(this::load).toList();
    List<SampleOutcome> pending = new ArrayList<>();
    for (SampleOutcome outcome : outcomes) {
      if (outcome.failure != null) {
        continue;
      }
      if (!pending.isEmpty() && !pending.get(0).sameInputShape(outcome)) {
        explainer.explain(pending);
        pending.clear();
      }
      pending.add(outcome);
    }
    if (!pending.isEmpty()) {
      explainer.explain(pending);
    }
    outcomes.parallelStream().forEach(this::finish);
    return outcomes;
  }

  private SampleOutcome load(int index) {
    SampleOutcome outcome = new SampleOutcome(index, generator.samples().get(index));
    try {
      outcome.sample = generator.load(index);
    } catch (RuntimeException e) {
      outcome.fail(e);
    }
    return outcome;
  }

  private void finish(SampleOutcome outcome) {
    if (outcome.failure != null) {
      return;
    }
    try {
      DataGenerator.Sample sample = Objects.requireNonNull(outcome.sample);
      ImageArray image = preprocessOverlay ? sample.processed() : sample.original();
      List<ClassMap> maps = Objects.requireNonNull(outcome.maps);
      outcome.warnings =
          maps.stream()
              .filter(map -> map.status() != MapStatus.OK)
              .map(map -> new Warning(outcome.name, map.classIndex(), map.status()))
              .toList();
      if (resizeMaps) {
        maps = maps.stream().map(map -> resize(map, image.spatialShape())).toList();
      }
      Explanation explanation = new Explanation(outcome.name, image, maps);
      if (writer == null) {
        outcome.explanation = explanation;
      } else {
        outcome.files = writer.write(outcome.index, explanation);
      }
    } catch (RuntimeException e) {
      outcome.fail(e);
    }
    outcome.sample = null;
    outcome.maps = null;
  }

  private static ClassMap resize(ClassMap map, int[] shape) {
    return new ClassMap(
        map.classIndex(),
        map.probability(),
        shape,
        Resize.map(map.values(), map.shape(), shape),
        map.status());
  }

  /** Builds an {@link XAIDecoder}. */
  public static final class Builder {

    private @Nullable ExplainableModel model;
    private @Nullable DataGenerator generator;
    private String methodKey = "gradcam";
    private @Nullable XAIMethodBase methodObject;
    private @Nullable XAIMethodRegistry registry;
    private @Nullable String layerName;
    private Profile profile = Profile.AUCMEDI;
    private Map<String, String> options = Map.of();
    private float @Nullable [][] predictions;
    private @Nullable ClassChoice classChoice;
    private boolean overlay = true;
    private float alpha = 0.25f;
    private boolean preprocessOverlay = true;
    private boolean raw;
    private boolean resizeMaps = true;
    private float eps = XAIMethodBase.DEFAULT_EPS;
    private @Nullable Path output;
    private OutputFormat format = OutputFormat.PNG;
    private Consumer<Integer> progress = done -> {};

    private Builder() {}

    /**
     * Sets the model; required.
     *
     * @param model the model to explain
     * @return this builder
     */
    public Builder setModel(ExplainableModel model) {
      this.model = Objects.requireNonNull(model, "model");
      return this;
    }

    /**
     * Sets the images; required.
     *
     * @param generator loads and prepares them
     * @return this builder
     */
    public Builder setGenerator(DataGenerator generator) {
      this.generator = Objects.requireNonNull(generator, "generator");
      return this;
    }

    /**
     * Sets the method by its key; "gradcam" by default, as in AUCMEDI.
     *
     * @param key a key of the registry
     * @return this builder
     */
    public Builder optMethod(String key) {
      this.methodKey = Objects.requireNonNull(key, "key");
      this.methodObject = null;
      return this;
    }

    /**
     * Sets the method as an object, which has its own model and layer.
     *
     * @param method the method
     * @return this builder
     */
    public Builder optMethod(XAIMethodBase method) {
      this.methodObject = Objects.requireNonNull(method, "method");
      return this;
    }

    /**
     * Sets where a key is looked up; by default everything on the classpath.
     *
     * @param registry the registry
     * @return this builder
     */
    public Builder optRegistry(XAIMethodRegistry registry) {
      this.registry = Objects.requireNonNull(registry, "registry");
      return this;
    }

    /**
     * Sets the layer of a method that is given by key.
     *
     * @param layerName the layer, or null for the method's own choice
     * @return this builder
     */
    public Builder optLayerName(@Nullable String layerName) {
      this.layerName = layerName;
      return this;
    }

    /**
     * Sets where the defaults of a method that is given by key come from.
     *
     * @param profile AUCMEDI by default
     * @return this builder
     */
    public Builder optProfile(Profile profile) {
      this.profile = Objects.requireNonNull(profile, "profile");
      return this;
    }

    /**
     * Sets parameters of a method that is given by key.
     *
     * @param options the values in text form, by name
     * @return this builder
     */
    public Builder optOptions(Map<String, String> options) {
      this.options = ImmutableMap.copyOf(options);
      return this;
    }

    /**
     * Sets predictions made before; then the predicted class of each sample is explained.
     *
     * @param predictions row i belongs to sample i, one column per class
     * @return this builder
     */
    public Builder optPredictions(float[][] predictions) {
      this.predictions = Arrays.stream(predictions).map(float[]::clone).toArray(float[][]::new);
      return this;
    }

    /**
     * Sets the classes to explain, whether predictions are given or not.
     *
     * @param classChoice the choice
     * @return this builder
     */
    public Builder optClasses(ClassChoice classChoice) {
      this.classChoice = Objects.requireNonNull(classChoice, "classChoice");
      return this;
    }

    /**
     * Writes files instead of returning maps.
     *
     * @param folder the folder, created with its parents
     * @param format what to write
     * @return this builder
     */
    public Builder optOutput(Path folder, OutputFormat format) {
      this.output = Objects.requireNonNull(folder, "folder");
      this.format = Objects.requireNonNull(format, "format");
      return this;
    }

    /**
     * Sets whether a picture shows the map over the image, or the map alone in grey.
     *
     * @param overlay true by default
     * @return this builder
     */
    public Builder optOverlay(boolean overlay) {
      this.overlay = overlay;
      return this;
    }

    /**
     * Sets the weight of the map in an overlay.
     *
     * @param alpha from 0, only the image, to 1, only the map; 0.25 by default
     * @return this builder
     */
    public Builder optAlpha(float alpha) {
      checkArgument(alpha >= 0 && alpha <= 1, "alpha must lie in [0, 1], got %s", alpha);
      this.alpha = alpha;
      return this;
    }

    /**
     * Sets whether overlays are drawn on the image after the subfunctions or as loaded.
     *
     * @param preprocessOverlay true by default: after the subfunctions
     * @return this builder
     */
    public Builder optPreprocessOverlay(boolean preprocessOverlay) {
      this.preprocessOverlay = preprocessOverlay;
      return this;
    }

    /**
     * Sets whether maps stay as they are before normalisation.
     *
     * @param raw false by default
     * @return this builder
     */
    public Builder optRaw(boolean raw) {
      this.raw = raw;
      return this;
    }

    /**
     * Sets whether maps are resized to the original image.
     *
     * @param resizeMaps true by default; false keeps the method's own resolution
     * @return this builder
     */
    public Builder optResizeMaps(boolean resizeMaps) {
      this.resizeMaps = resizeMaps;
      return this;
    }

    /**
     * Sets the eps of the normalisation.
     *
     * @param eps at least 0; 1e-8 by default
     * @return this builder
     */
    public Builder optEps(float eps) {
      checkArgument(
          eps >= 0 && Float.isFinite(eps), "eps must be finite and at least 0, got %s", eps);
      this.eps = eps;
      return this;
    }

    /**
     * Sets a listener.
     *
     * @param progress told how many samples are done, after each batch
     * @return this builder
     */
    public Builder optProgress(Consumer<Integer> progress) {
      this.progress = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Builds the decoder.
     *
     * @return the decoder
     * @throws IllegalStateException if something required is missing or two settings contradict
     * @throws IllegalArgumentException if there is no such method, or the predictions do not fit
     * @throws MissingCapabilityException if the model cannot give what the method needs
     */
    public XAIDecoder build() {
      checkState(model != null, "a decoder needs a model; call setModel");
      checkState(generator != null, "a decoder needs images; call setGenerator");
      checkState(
          output == null || format != OutputFormat.PNG || !raw,
          "raw maps are numbers, not a picture; write them as npy");
      checkState(
          output == null || format != OutputFormat.PNG || resizeMaps || !overlay,
          "an overlay needs the map in the size of the image; resize it, or write npy, or no overlay");
      if (predictions != null) {
        checkArgument(
            predictions.length == generator.samples().size(),
            "there are %s rows of predictions for %s samples",
            predictions.length,
            generator.samples().size());
      }
      return new XAIDecoder(this);
    }

    private ClassChoice classChoice() {
      if (classChoice != null) {
        return classChoice;
      }
      return predictions == null ? ClassChoice.all() : ClassChoice.argmax();
    }

    private XAIMethodBase method(ExplainableModel model) {
      if (methodObject != null) {
        return methodObject;
      }
      XAIMethodRegistry methods = registry == null ? new XAIMethodRegistry() : registry;
      XAIMethodProvider provider = methods.get(methodKey);
      for (Capability capability : provider.requires()) {
        if (!model.capabilities().contains(capability)) {
          throw new MissingCapabilityException(
              model,
              capability,
              methods.providers().stream()
                  .filter(method -> model.capabilities().containsAll(method.requires()))
                  .map(method -> methods.keysOf(method).get(0))
                  .toList());
        }
      }
      return provider.create(
          model, layerName, MethodOptions.parse(profile, provider.options(), options));
    }
  }
}
