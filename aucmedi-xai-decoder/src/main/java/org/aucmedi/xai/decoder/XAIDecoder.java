package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.collect.Lists;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * Explains a set of images: AUCMEDI's {@code xai_decoder}.
 *
 * <p>Images pass through in batches; while one is explained the next is loaded and the maps of the
 * one before are written. A batch ends where its batch size is reached, or where its images reach a
 * third of the memory limit: 2^27 float32 values (512 MiB) or an eighth of the heap, whichever is
 * less; one image fits always. So memory is bounded by these and not by the number of images,
 * unless the maps are kept. Where a pass would make more maps than that, as with 1000 classes, it
 * takes fewer images and classes, and maps are written as they come. Loading and writing use
 * threads of their own, one per processor.
 *
 * <p>A sample that cannot be read or explained is reported and the rest goes on, even if memory
 * runs out: then it is tried once more when nothing else is going on. What is the model's fault,
 * whatever the image, ends the run. A sample whose prediction is not finite fails.
 *
 * <p>The predicted class is explained unless {@linkplain Builder#optTarget a target} says
 * otherwise. What is predicted, what is explained and the maps come from the same pass.
 */
public final class XAIDecoder {

  private final Settings settings;

  /**
   * What every run needs.
   *
   * @param batches the samples to explain, by their index
   * @param eps of the method's normalisation; null for raw maps
   * @param scaling what happens to the method's maps before they are written
   * @param bodies where the body is that maps are checked against
   * @param sink takes the maps; null to keep them
   */
  record Settings(
      DataGenerator generator,
      List<List<Integer>> batches,
      XAIMethodBase method,
      DecoderTarget target,
      @Nullable Float eps,
      Scaling scaling,
      boolean preprocessOverlay,
      boolean resizeMaps,
      BodyMasks bodies,
      @Nullable ExplanationSink sink,
      DecoderListener listener) {

    /** Loads a sample, and checks what can be known of its maps. */
    LoadedSample load(int index, String name) {
      DataGenerator.Sample loaded = generator.load(index);
      checkChannels(loaded.input());
      // A map that keeps its own resolution lies on the processed image.
      Placement back = preprocessOverlay || !resizeMaps ? null : placement(loaded);
      ExplanationSink.Sample sample =
          new ExplanationSink.Sample(
              index, name, back == null ? loaded.processed() : loaded.original());
      if (sink != null) {
        sink.check(sample);
      }
      return new LoadedSample.Ready(sample, loaded.input(), back);
    }

    /** Refuses an image that the model declares not to take; engines say it less clearly. */
    private void checkChannels(ImageArray input) {
      Shape declared = method.model().inputShape();
      int axes = input.spatialRank() + 2;
      if (declared == null || declared.dimension() != axes) {
        return;
      }
      long channels = declared.get(method.model().channelLayout().axis(axes));
      checkArgument(
          channels < 0 || channels == input.channels(),
          "the model takes images of %s, and this one has %s; %s",
          counted(channels),
          input.channels(),
          channels == 1 && input.channels() == 3
              ? "load it in grey (--grayscale), or convert it (--chromer grayscale)"
              : channels == 3 && input.channels() == 1
                  ? "repeat its channel (--chromer rgb)"
                  : "declare the axes (--axes) or convert the image");
    }

    private static String counted(long channels) {
      return channels + (channels == 1 ? " channel" : " channels");
    }

    private static Placement placement(DataGenerator.Sample sample) {
      Placement placement = sample.placement();
      checkArgument(
          placement != null,
          "the subfunctions make an image of %s out of one of %s, so its map does not fit the image"
              + " as loaded; lay it over the processed image (optPreprocessOverlay(true)), or write"
              + " the step as a Subfunction that says where its pixels lie",
          Arrays.toString(sample.processed().spatialShape()),
          Arrays.toString(sample.original().spatialShape()));
      return placement;
    }
  }

  private XAIDecoder(Settings settings) {
    this.settings = settings;
  }

  /** {@return an empty builder} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Explains every sample.
   *
   * @return what became of each, in the order of their batches
   * @throws IllegalArgumentException if the model has no such class, or the predictions are another
   *     model's
   * @throws UnsupportedModelException if the model cannot be explained as asked, whatever the
   *     image; what is written stays
   * @throws IllegalStateException if the model is closed meanwhile; what is written stays
   * @throws CancellationException if the method or a listener cancels, or the thread is
   *     interrupted, which it stays; what is written stays
   */
  public DecoderResult decode() {
    return decode(MemoryLimit.ofHeap(Runtime.getRuntime().maxMemory()));
  }

  DecoderResult decode(MemoryLimit limit) {
    try (DecoderRun run = new DecoderRun(settings, limit)) {
      return run.run();
    }
  }

  /** Builds an {@link XAIDecoder}. */
  public static final class Builder {

    private @Nullable ExplainableModel model;
    private @Nullable DataGenerator generator;
    private @Nullable List<List<Integer>> batches;
    private String methodKey = "gradcam";
    private @Nullable XAIMethodBase methodObject;
    private @Nullable XAIMethodRegistry registry;
    private @Nullable String layerName;
    private @Nullable Profile profile;
    private @Nullable Map<String, String> options;
    private float @Nullable [][] predictions;
    private Target target = Target.argmax();
    private Drawing drawing = Drawing.DEFAULT;
    private boolean sameScale;
    private boolean preprocessOverlay = true;
    private boolean raw;
    private boolean resizeMaps = true;
    private BodyMasks bodies = BodyMasks.NONE;
    private float eps = XAIMethodBase.DEFAULT_EPS;
    private @Nullable Path output;
    private OutputFormat format = OutputFormat.PNG;
    private @Nullable ExplanationSink sink;
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
     * Sets which samples are explained, and which of them together, for a part of a larger run.
     * Files have the names that they have in a run of all samples.
     *
     * @param batches the samples by their position in {@link DataGenerator#samples()}, each at most
     *     once; by default all of them in their order, {@link DataGenerator#batchSize()} at a time
     * @return this builder
     */
    public Builder optBatches(List<List<Integer>> batches) {
      this.batches = batches.stream().map(List::copyOf).toList();
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
     * Sets given predictions: the target is evaluated on them instead of the model's outputs.
     *
     * @param predictions row i belongs to sample i, one column per class
     * @return this builder
     */
    public Builder optPredictions(float[][] predictions) {
      this.predictions = Arrays.stream(predictions).map(float[]::clone).toArray(float[][]::new);
      return this;
    }

    /**
     * Sets what is explained of each image.
     *
     * @param target {@link Target#argmax()} by default; {@link Target#perImage} names a class for
     *     each sample
     * @return this builder
     */
    public Builder optTarget(Target target) {
      this.target = Objects.requireNonNull(target, "target");
      return this;
    }

    /**
     * Writes files instead of returning maps; {@link #optSink} may be set beside it.
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
     * Hands the maps to a sink instead of returning them. With {@link #optOutput} as well, each map
     * is written to the folder first and then goes to the sink.
     *
     * @param sink takes them as they are made
     * @return this builder
     */
    public Builder optSink(ExplanationSink sink) {
      this.sink = Objects.requireNonNull(sink, "sink");
      return this;
    }

    /**
     * Sets whether a picture shows the map over the image, or the map alone in grey.
     *
     * @param overlay true by default
     * @return this builder
     */
    public Builder optOverlay(boolean overlay) {
      this.drawing = drawing.withOverlay(overlay);
      return this;
    }

    /**
     * Sets the weight of the map in an overlay.
     *
     * @param alpha from 0, only the image, to 1, only the map; 0.25 by default
     * @return this builder
     */
    public Builder optAlpha(float alpha) {
      this.drawing = drawing.withAlpha(alpha);
      return this;
    }

    /**
     * Sets how pictures are drawn, with what {@link #optOverlay} and {@link #optAlpha} set. With a
     * {@linkplain org.aucmedi.xai.array.Colormap#isDiverging() diverging} colormap they show raw
     * maps, scaled so that zero is the middle colour.
     *
     * @param drawing {@link Drawing#DEFAULT} by default, AUCMEDI's
     * @return this builder
     */
    public Builder optDrawing(Drawing drawing) {
      this.drawing = Objects.requireNonNull(drawing, "drawing");
      return this;
    }

    /**
     * Sets whether the maps of one image share one scale, so that they can be compared: a class
     * with little evidence looks weak. They are kept in memory until the image has all of them.
     *
     * @param sameScale false by default: each map is scaled by its own values
     * @return this builder
     */
    public Builder optSameScale(boolean sameScale) {
      this.sameScale = sameScale;
      return this;
    }

    /**
     * Sets whether overlays are drawn on the image after the subfunctions or as loaded.
     *
     * <p>On the image as loaded, maps lie where the model saw what they show: padding is cut away,
     * what a crop left out is 0, and resampling is undone. Maps that are not resized lie on the
     * processed image always.
     *
     * @param preprocessOverlay true by default: after the subfunctions; false fails for images to
     *     which a subfunction of one's own gives another shape
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
     * Checks maps against masks of the body, see {@link Heatmap#checkedAgainst}. The masks have the
     * size of the image that an overlay is drawn on.
     *
     * @param bodies the masks
     * @return this builder
     */
    public Builder optBodyMasks(BodyMasks bodies) {
      this.bodies = Objects.requireNonNull(bodies, "bodies");
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
     * Sets a listener to what becomes of each sample.
     *
     * @param listener notified as soon as something happens
     * @return this builder
     */
    public Builder optListener(DecoderListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Checks the settings as {@link #build} does, but leaves the output folder as it is.
     *
     * @return the method that would explain the images
     * @throws IllegalStateException if something required is missing or two settings contradict
     * @throws IllegalArgumentException if there is no such method, or the predictions do not fit
     * @throws MissingCapabilityException if the model cannot give what the method needs
     */
    public XAIMethodBase check() {
      checkState(model() != null, "a decoder needs a model; call setModel");
      checkState(generator != null, "a decoder needs images; call setGenerator");
      boolean drawn = isDrawn();
      checkState(!drawn || !raw, "raw maps are numbers, not a picture; write them as npy");
      checkState(
          !drawn || resizeMaps || !drawing.overlay(),
          "an overlay needs the map in the size of the image; resize it, or write npy, or no"
              + " overlay");
      checkState(
          resizeMaps || bodies == BodyMasks.NONE,
          "a mask of the body needs the map in the size of the image; resize it, or give no masks");
      checkMethodObject();
      checkPredictions(generator.samples().size());
      XAIMethodBase method = method(Objects.requireNonNull(model()));
      var unused = scaling(method);
      return method;
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
      XAIMethodBase method = check();
      DataGenerator generator = Objects.requireNonNull(this.generator);
      int samples = generator.samples().size();
      ExplainableModel explained = method.model();
      Scaling scaling = scaling(method);
      return new XAIDecoder(
          new Settings(
              generator,
              batches(generator),
              method,
              new DecoderTarget(target, predictions, samples, explained.outputActivation()),
              scaling.takesRaw() ? null : eps,
              scaling,
              preprocessOverlay,
              resizeMaps,
              bodies,
              sink(generator),
              listener));
    }

    private List<List<Integer>> batches(DataGenerator images) {
      int samples = images.samples().size();
      if (batches == null) {
        return Lists.partition(IntStream.range(0, samples).boxed().toList(), images.batchSize());
      }
      Set<Integer> known = new HashSet<>();
      for (int index : Iterables.concat(batches)) {
        checkArgument(
            index >= 0 && index < samples && known.add(index),
            "batches name each of the samples 0 to %s at most once, got %s%s",
            samples - 1,
            index,
            known.contains(index) ? " twice" : "");
      }
      return batches;
    }

    private @Nullable ExplanationSink sink(DataGenerator images) {
      if (output == null) {
        return sink;
      }
      FileSink files =
          new FileSink(output, format, drawing, target.equals(Target.argmax()), images);
      return sink == null ? files : new Tee(files, sink);
    }

    private boolean isDrawn() {
      return output != null && format.draws(drawing);
    }

    private Scaling scaling(XAIMethodBase method) {
      boolean signed = isDrawn() && drawing.colours().isDiverging();
      if (!signed && !sameScale) {
        return new Scaling.None(raw);
      }
      checkState(
          !raw, "raw maps keep the scale of the method; ask for them or for one scale, not both");
      checkState(
          method instanceof AttributionMethod,
          "%s makes no raw maps, which one scale or a diverging colormap needs",
          method.getClass().getSimpleName());
      return signed
          ? new Scaling.Signed(sameScale)
          : new Scaling.Same((AttributionMethod) method, eps);
    }

    private void checkMethodObject() {
      if (methodObject == null) {
        return;
      }
      checkState(
          model == null || model == methodObject.model(),
          "the method explains %s, not the decoder's %s; make it with that one, or leave out"
              + " setModel",
          methodObject.model(),
          model);
      checkState(
          layerName == null && profile == null && options == null,
          "the method is an object, which has its own layer, profile and options; set them where it"
              + " is made, or give the method's key");
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

    private XAIMethodBase method(ExplainableModel explained) {
      if (methodObject != null) {
        return methodObject;
      }
      XAIMethodRegistry methods = registry == null ? new XAIMethodRegistry() : registry;
      XAIMethodProvider<?> provider = methods.get(methodKey);
      for (Capability capability : provider.description().requires()) {
        if (!explained.capabilities().contains(capability)) {
          throw new MissingCapabilityException(
              explained,
              capability,
              methods.providers().stream()
                  .filter(
                      other -> explained.capabilities().containsAll(other.description().requires()))
                  .map(other -> methods.keysOf(other).get(0))
                  .toList());
        }
      }
      return provider.create(
          explained,
          layerName,
          MethodOptions.parse(
              profile == null ? Profile.AUCMEDI : profile,
              provider.description().options(),
              options == null ? Map.of() : options));
    }
  }
}
