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
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Stage;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.imaging.Resize;
import org.aucmedi.xai.methods.Passes;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.spi.XAIMethodProvider;
import org.jspecify.annotations.Nullable;

/**
 * Explains a set of images: AUCMEDI's {@code xai_decoder}.
 *
 * <p>Images pass through in batches. A batch ends where its batch size is reached, or where the
 * images held reach 2^27 float32 values (512 MiB) or an eighth of the heap, whichever is less; one
 * image fits always. So memory is bounded by these and not by the number of images, unless the maps
 * are kept. Where a pass would make more maps than that, as with 1000 classes, it takes fewer
 * images and classes, and maps are written as they come. Loading and writing use threads of their
 * own, one per processor.
 *
 * <p>A sample that cannot be read or explained is reported and the rest goes on, even if memory
 * runs out: then it is tried once more by itself. What is the model's fault, whatever the image,
 * ends the run. A sample whose prediction is not finite fails.
 *
 * <p>Where predictions are given the predicted class is explained, otherwise every class.
 */
public final class XAIDecoder {

  private final DataGenerator generator;
  private final BatchExplainer explainer;
  private final boolean preprocessOverlay;
  private final boolean resizeMaps;
  private final @Nullable ExplanationWriter writer;
  private final MemoryLimit memory;
  private final Consumer<Integer> progress;
  private final DecoderListener listener;

  private XAIDecoder(Builder builder) {
    generator = Objects.requireNonNull(builder.generator, "generator");
    ExplainableModel model = Objects.requireNonNull(builder.model(), "model");
    ClassChoice classChoice = builder.classChoice();
    memory = MemoryLimit.ofHeap(Runtime.getRuntime().maxMemory());
    explainer =
        new BatchExplainer(
            model,
            builder.method(model),
            classChoice,
            builder.predictions,
            builder.raw ? null : builder.eps,
            memory,
            builder.listener::failed);
    preprocessOverlay = builder.preprocessOverlay;
    resizeMaps = builder.resizeMaps;
    progress = builder.progress;
    listener = builder.listener;
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
   * @throws IllegalArgumentException if the model has no such class, or the predictions are another
   *     model's
   * @throws UnsupportedModelException if the model cannot be explained as asked, whatever the
   *     image; what is written stays
   * @throws IllegalStateException if the model is closed meanwhile; what is written stays
   * @throws CancellationException if the method is cancelled, or the thread is interrupted, which
   *     it stays; what is written stays
   */
  public DecoderResult decode() {
    int size = generator.samples().size();
    List<SampleOutcome> outcomes = new ArrayList<>();
    try (Workers workers = new Workers(Runtime.getRuntime().availableProcessors())) {
      BatchLoader loader = new BatchLoader(workers, memory, this::load);
      while (outcomes.size() < size) {
        int done = outcomes.size();
        Passes.checkNotInterrupted(done, size);
        List<SampleOutcome> batch =
            new ArrayList<>(loader.load(done, Math.min(size, done + generator.batchSize())));
        explain(batch.stream().filter(outcome -> !outcome.ranOutOfMemory).toList(), workers);
        for (int i = 0; i < batch.size(); i++) {
          if (batch.get(i).ranOutOfMemory) {
            batch.set(i, load(done + i));
            explain(batch.subList(i, i + 1), workers);
          }
        }
        outcomes.addAll(batch);
        progress.accept(outcomes.size());
      }
    }
    return result(outcomes);
  }

  private SampleOutcome load(int index) {
    SampleOutcome outcome = new SampleOutcome(index, generator.samples().get(index));
    try {
      DataGenerator.Sample sample = generator.load(index);
      checkGeometry(sample);
      ImageArray image = preprocessOverlay ? sample.processed() : sample.original();
      if (writer != null) {
        writer.check(index, image);
      }
      outcome.loaded(image, sample.input());
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      outcome.ranOutOfMemory = e instanceof OutOfMemoryError;
      outcome.fail(Stage.LOADING, e);
    }
    return outcome;
  }

  private void checkGeometry(DataGenerator.Sample sample) {
    int[] loaded = sample.original().spatialShape();
    int[] processed = sample.processed().spatialShape();
    checkArgument(
        preprocessOverlay || !resizeMaps || Arrays.equals(loaded, processed),
        "the subfunctions make an image of %s out of one of %s, so its map does not fit the image as"
            + " loaded; lay it over the processed image (optPreprocessOverlay(true))",
        Arrays.toString(processed),
        Arrays.toString(loaded));
  }

  private void explain(List<SampleOutcome> batch, Workers workers) {
    List<SampleOutcome> group = new ArrayList<>();
    for (SampleOutcome outcome : batch) {
      if (outcome.failure != null) {
        listener.failed(outcome.failure);
        continue;
      }
      if (!group.isEmpty() && !group.get(0).sameInputShape(outcome)) {
        explainGroup(group, workers);
        group.clear();
      }
      group.add(outcome);
    }
    if (!group.isEmpty()) {
      explainGroup(group, workers);
    }
  }

  private void explainGroup(List<SampleOutcome> group, Workers workers) {
    explainer.explain(group, part -> finish(part, workers));
    for (SampleOutcome outcome : group) {
      outcome.releaseInput();
      if (writer != null) {
        outcome.releaseImage();
      }
    }
  }

  /** Writes or keeps the maps that are ready. */
  private void finish(List<SampleOutcome> part, Workers workers) {
    Queue<SampleOutcome> waiting = new ConcurrentLinkedQueue<>(part);
    Queue<SampleOutcome> again = new ConcurrentLinkedQueue<>();
    workers.run(
        () -> {
          for (SampleOutcome outcome; (outcome = waiting.poll()) != null; ) {
            try {
              finish(outcome);
            } catch (OutOfMemoryError e) {
              again.add(outcome);
            }
          }
        });
    for (SampleOutcome outcome : again) {
      try {
        finish(outcome);
      } catch (OutOfMemoryError e) {
        outcome.fail(Stage.WRITING, e);
      }
    }
    part.forEach(this::tell);
  }

  private void finish(SampleOutcome outcome) {
    try {
      while (!outcome.maps.isEmpty()) {
        ClassMap map = outcome.maps.getFirst();
        if (resizeMaps) {
          map = resize(map, outcome.image().spatialShape());
        }
        if (writer == null) {
          outcome.kept.add(map);
        } else {
          Explanation one = new Explanation(outcome.name, outcome.image(), List.of(map));
          outcome.files.addAll(writer.write(outcome.index, one));
        }
        outcome.maps.removeFirst();
        if (map.status() != MapStatus.OK) {
          outcome.warnings.add(new Warning(outcome.name, map.classIndex(), map.status()));
        }
      }
    } catch (RuntimeException | StackOverflowError e) {
      outcome.fail(Stage.WRITING, e);
    }
  }

  /** Tells what is new. */
  private void tell(SampleOutcome outcome) {
    for (; outcome.filesTold < outcome.files.size(); outcome.filesTold++) {
      listener.written(outcome.name, outcome.files.get(outcome.filesTold));
    }
    for (; outcome.warningsTold < outcome.warnings.size(); outcome.warningsTold++) {
      listener.warned(outcome.warnings.get(outcome.warningsTold));
    }
    if (outcome.failure != null) {
      listener.failed(outcome.failure);
    }
  }

  private DecoderResult result(List<SampleOutcome> outcomes) {
    List<Explanation> explanations = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    List<Warning> warnings = new ArrayList<>();
    for (SampleOutcome outcome : outcomes) {
      files.addAll(outcome.files);
      warnings.addAll(outcome.warnings);
      if (outcome.failure != null) {
        failures.add(outcome.failure);
      } else if (writer == null) {
        explanations.add(new Explanation(outcome.name, outcome.image(), outcome.kept));
      }
    }
    return new DecoderResult(explanations, files, failures, warnings);
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
    private @Nullable Profile profile;
    private @Nullable Map<String, String> options;
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
    private DecoderListener listener = new DecoderListener() {};

    private Builder() {}

    /**
     * Sets the model; required unless the method is given as an object, which has its own.
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
     * Sets the method as an object, which has its own model, layer and options. Another model, a
     * layer, a profile or options cannot be set beside it.
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
     * Sets predictions made before; then the predicted class of each sample is explained. The first
     * image is predicted all the same, to see whether the model has as many classes.
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
     * @param preprocessOverlay true by default: after the subfunctions; false fails for images
     *     whose size the subfunctions change, since their maps do not fit
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
     * Sets whether maps are resized to the image that an overlay is drawn on: after the
     * subfunctions and before {@link DataGenerator.Builder#optResize}, or as loaded, see {@link
     * #optPreprocessOverlay}.
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
     * Sets a listener to what becomes of each sample.
     *
     * @param listener told as soon as something is known
     * @return this builder
     */
    public Builder optListener(DecoderListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
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
      checkState(model() != null, "a decoder needs a model; call setModel");
      checkState(generator != null, "a decoder needs images; call setGenerator");
      checkState(
          output == null || format != OutputFormat.PNG || !raw,
          "raw maps are numbers, not a picture; write them as npy");
      checkState(
          output == null || format != OutputFormat.PNG || resizeMaps || !overlay,
          "an overlay needs the map in the size of the image; resize it, or write npy, or no overlay");
      checkMethodObject();
      checkPredictions(generator.samples().size());
      return new XAIDecoder(this);
    }

    private void checkMethodObject() {
      if (methodObject == null) {
        return;
      }
      checkState(
          model == null || model == methodObject.model(),
          "the method explains %s, not the decoder's %s; make it with that one, or leave out setModel",
          methodObject.model(),
          model);
      checkState(
          layerName == null && profile == null && options == null,
          "the method is an object, which has its own layer, profile and options; set them where it is"
              + " made, or give the method's key");
    }

    private void checkPredictions(int samples) {
      if (predictions == null) {
        return;
      }
      checkArgument(
          predictions.length == samples,
          "there are %s rows of predictions for %s samples",
          predictions.length,
          samples);
      for (int row = 0; row < predictions.length; row++) {
        checkArgument(
            predictions[row].length > 0 && predictions[row].length == predictions[0].length,
            "row %s of the predictions has %s values, row 0 has %s; give one for each class",
            row,
            predictions[row].length,
            predictions[0].length);
      }
    }

    private @Nullable ExplainableModel model() {
      return model == null && methodObject != null ? methodObject.model() : model;
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
          model,
          layerName,
          MethodOptions.parse(
              profile == null ? Profile.AUCMEDI : profile,
              provider.options(),
              options == null ? Map.of() : options));
    }
  }
}
