package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.LayerKind;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class activation map: a map L made of the activations A of a layer, with channels k and
 * positions i, and of their gradients {@code dS/dA}. A subclass says how, by {@link #map}; one that
 * weighs whole channels extends {@link WeightedActivationMap}.
 *
 * <p>With the option {@code relu} negative values of L become zero, and the heatmap is {@code L /
 * (max L + eps)}; without, it is {@code (L - min L) / (max L - min L + eps)}. It has the spatial
 * shape of the layer, axes of size one included.
 *
 * <p>Of several layers, named with commas between them, it is the mean of their maps, or what
 * {@link LayerFusion#OPTION} says, each scaled like a heatmap and interpolated to the size of the
 * largest.
 *
 * <p>With {@link Smoothing#OPTION} it is the mean of the maps of the image and of its mirror
 * images, turned back.
 *
 * <p>Cost: for each layer, and each mirror image, one forward pass for a batch, and per class one
 * backward pass from the output to the layer; one more forward pass of one image the first time, to
 * see the layers. A method that does not require gradients costs two forward passes instead, for
 * all classes together.
 */
public abstract class ClassActivationMap extends AttributionMethod {

  /** Whether evidence against the class is dropped. */
  public static final MethodOption<Boolean> RELU =
      MethodOption.ofBoolean("relu", "drop evidence against the class").defaults(false, true);

  /** The options of every class activation map. */
  protected static final List<MethodOption<?>> CAM_OPTIONS =
      ImmutableList.of(
          RELU,
          LayerChoice.OPTION,
          LayerFusion.OPTION,
          Smoothing.OPTION,
          Tokens.OPTION,
          Score.OPTION);

  private static final Logger logger = LoggerFactory.getLogger(ClassActivationMap.class);

  private final Set<Capability> required;
  private final boolean usesGradients;
  private volatile List<Seen> seen = List.of();

  /** Whether the warning about an early layer has been logged. */
  private final AtomicBoolean doubted = new AtomicBoolean();

  /** The layer to look at, for images of a shape, and how it lies on them if it was listed. */
  record Seen(Shape image, String layer, LayerAxes axes, Optional<Placement> listed) {

    /** A layer that was not listed, and that the model knows all the same, is looked at now. */
    Placement placement(Shape output) {
      Shape one = new Shape(1).addAll(output.slice(1));
      return listed.orElseGet(() -> axes.requirePlacement(new Layer(layer, LayerKind.OTHER, one)));
    }
  }

  /**
   * Constructs a method.
   *
   * @param description describes the method, see {@link #describe}
   * @param model the model to explain
   * @param layerName the layer or, with commas between them, the layers; or null to choose by
   *     {@link LayerChoice#OPTION}
   * @param options the profile and the options that are set
   */
  protected ClassActivationMap(
      MethodDescription description,
      ExplainableModel model,
      @Nullable String layerName,
      MethodOptions options) {
    super(description, model, layerName, options);
    required = description.requires();
    usesGradients = required.contains(Capability.LAYER_GRADIENTS);
  }

  /**
   * Describes a class activation map that has no options but those of all.
   *
   * @param name the method's name in the literature
   * @param keys find it in a registry, the preferred one first
   * @return the description
   */
  protected static MethodDescription describe(String name, String... keys) {
    return MethodDescription.of(name, keys)
        .requiring(Capability.LAYERS, Capability.LAYER_GRADIENTS)
        .usingLayer()
        .withOptions(CAM_OPTIONS)
        .costing(Smoothing.times((options, sizes, maps) -> new MethodCost.Passes(1, maps)));
  }

  /**
   * Computes the map, before the option {@code relu} is heeded.
   *
   * @param activations A, channel by channel: {@code [k][i]}
   * @param gradients dS/dA, likewise; empty if the method does not {@linkplain
   *     MethodDescription#requires require} {@link Capability#LAYER_GRADIENTS}
   * @return L, one value per position
   */
  protected abstract double[] map(float[][] activations, float[][] gradients);

  @Override
  protected final List<List<Attribution>> attribute(
      NDArray batch, Target target, Progress progress) {
    BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
    return options()
        .get(Smoothing.OPTION)
        .mean(batch, axes, target, (images, same) -> ofLayers(images, same, progress));
  }

  private List<List<Attribution>> ofLayers(NDArray batch, Target target, Progress progress) {
    List<Seen> layers = see(batch);
    List<List<Attribution>> first = attribute(batch, target, layers.get(0), progress);
    if (layers.size() == 1) {
      return first;
    }
    Target same = sameAs(first);
    List<List<List<Attribution>>> all = new ArrayList<>(List.of(first));
    layers.stream().skip(1).forEach(layer -> all.add(attribute(batch, same, layer, progress)));
    return IntStream.range(0, first.size())
        .mapToObj(
            n ->
                IntStream.range(0, first.get(n).size())
                    .mapToObj(k -> fused(all.stream().map(layer -> layer.get(n).get(k)).toList()))
                    .toList())
        .toList();
  }

  /** What was chosen from the outputs of a first pass is explained in others. */
  static Target sameAs(List<List<Attribution>> first) {
    return Target.ofObjectives(
        first.stream().map(image -> image.stream().map(Attribution::objective).toList()).toList());
  }

  /** The maps of several layers as one, each scaled and in the size of the largest. */
  private Attribution fused(List<Attribution> layers) {
    int[] shape =
        layers.stream()
            .map(Attribution::shape)
            .max(
                Comparator.comparing(
                    sizes -> Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b)))
            .orElseThrow();
    List<float[]> maps = new ArrayList<>();
    for (Attribution layer : layers) {
      float[] raw = layer.reduce(ChannelReduction.SUM);
      float[] scaled = MapStatus.allFinite(raw) ? normalize(raw, DEFAULT_EPS) : raw;
      maps.add(
          LinearInterpolation.resize(
              scaled, layer.shape(), shape, 1, BorderMode.ofRank(shape.length)));
    }
    float[] fused = options().get(LayerFusion.OPTION).join(maps);
    Attribution first = layers.get(0);
    Attribution made =
        Attribution.of(first.objective(), first.outputs(), BatchAxes.ofMap(shape), fused)
            .withLayer(layers.stream().map(Attribution::layer).collect(Collectors.joining(", ")));
    return withStatusOf(layers, made);
  }

  /** A map joined of several has no gradient if none has, and is not to trust if one is not. */
  static Attribution withStatusOf(List<Attribution> joined, Attribution made) {
    if (joined.stream().allMatch(one -> one.status() == MapStatus.ZERO_GRADIENT)) {
      return made.withStatus(MapStatus.ZERO_GRADIENT);
    }
    return joined.stream().anyMatch(one -> one.status() == MapStatus.NOT_CONVERGED)
        ? made.withStatus(MapStatus.NOT_CONVERGED)
        : made;
  }

  private List<List<Attribution>> attribute(
      NDArray batch, Target target, Seen known, Progress progress) {
    try (NDManager scope = batch.getManager().newSubManager()) {
      TargetGradient scores = gradientOf(target, score());
      return usesGradients
          ? withGradients(scope, batch, scores, known, progress)
          : withoutGradients(scope, batch, scores, known, progress);
    }
  }

  /** Returns the score to explain. */
  Score score() {
    return options().get(Score.OPTION);
  }

  /** Returns the rule that selects the layer where none is named. */
  LayerChoice layerChoice() {
    return options().get(LayerChoice.OPTION);
  }

  /** Computes the maps of a batch from the gradients of a layer. */
  List<List<Attribution>> withGradients(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known, Progress progress) {
    return maps(layerGradients(scope, batch, scores, known.layer), scores, known);
  }

  /** Makes the maps of a pass. */
  final List<List<Attribution>> maps(LayerGradients found, TargetGradient scores, Seen known) {
    Shape output = found.activations().getShape();
    Placement placement = known.placement(output);
    BatchAxes axes = BatchAxes.ofMap(placement.spatial(output));
    float[][][] activations = placement.channels(found.activations());
    return scores.attributions(
        k -> {
          float[][][] gradients = placement.channels(found.gradients().get(k));
          return (n, objective, outputs) -> {
            float[] map = rectified(map(activations[n], gradients[n]));
            Attribution made = Attribution.of(objective, outputs, axes, map).withLayer(known.layer);
            return allZero(gradients[n]) ? made.withStatus(MapStatus.ZERO_GRADIENT) : made;
          };
        });
  }

  /** One pass, whose arrays are freed with the scope. */
  final LayerGradients layerGradients(
      NDManager scope, NDArray batch, OutputGradient scores, String layer) {
    LayerGradients found = model().layerGradients(batch, scores, layer);
    found.output().attach(scope);
    found.activations().attach(scope);
    found.gradients().attach(scope);
    return found;
  }

  /** One pass that finds the objectives and the layer's output, without gradients. */
  final LayerGradients objectivesOnly(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known) {
    return layerGradients(
        scope,
        batch,
        outputs -> {
          scores.of(outputs);
          return List.of();
        },
        known.layer());
  }

  private List<List<Attribution>> withoutGradients(
      NDManager scope, NDArray batch, TargetGradient scores, Seen known, Progress progress) {
    float[][] predicted = model().outputs(batch);
    scores.of(predicted);
    NDArray found = model().layerActivations(batch, known.layer);
    found.attach(scope);
    Placement placement = known.placement(found.getShape());
    int[] sizes = placement.spatial(found.getShape());
    Shape shape = batch.getShape().slice(1);
    BatchAxes images = new BatchAxes(batch.getShape(), model().channelLayout());
    float[] values = batch.toFloatArray();
    float[][][] activations = placement.channels(found);
    float[] output = found.toFloatArray();
    Shape layerShape = found.getShape().slice(1);
    double[][][] maps = new double[activations.length][][];
    for (int n = 0; n < maps.length; n++) {
      float[] image = ofImage(values, n, maps.length);
      Tapped tapped =
          new Tapped(known.layer, ofImage(output, n, maps.length), layerShape, placement);
      LayerView view =
          new LayerView(
              scope,
              image,
              shape,
              images.ofOneImage(),
              predicted[n],
              activations[n],
              sizes,
              tapped);
      maps[n] = maps(view, scores.objectives().get(n), progress);
    }
    return scores.attributions(
        k ->
            (n, objective, outputs) ->
                Attribution.of(objective, outputs, BatchAxes.ofMap(sizes), rectified(maps[n][k]))
                    .withLayer(known.layer));
  }

  /**
   * What a method without gradients sees of an image.
   *
   * @param manager makes arrays on the model's engine; closed after the call
   * @param image its values, row-major; not to be changed
   * @param shape its shape, without batch axis
   * @param axes its axes, of a batch of one
   * @param outputs the model's outputs
   * @param activations of the layer, {@code [k][i]}
   * @param sizes the layer's spatial sizes
   * @param tapped the layer and its output as the model gives it
   */
  record LayerView(
      NDManager manager,
      float[] image,
      Shape shape,
      BatchAxes axes,
      float[] outputs,
      float[][] activations,
      int[] sizes,
      Tapped tapped) {}

  /**
   * A layer's output of one image.
   *
   * @param layer the layer
   * @param values the output, row-major; not to be changed
   * @param shape its shape, without batch axis
   * @param placement how it lies on the image
   */
  record Tapped(String layer, float[] values, Shape shape, Placement placement) {}

  /**
   * Computes the maps of an image by a method without gradients, before the option {@code relu} is
   * heeded. By default there is one, whatever is explained.
   *
   * @param view the image and the layer
   * @param objectives what is explained
   * @param progress is told of passes
   * @return for each objective one value per position of the layer
   */
  double[][] maps(LayerView view, List<Objective> objectives, Progress progress) {
    double[][] maps = new double[objectives.size()][];
    if (maps.length > 0) {
      Arrays.fill(maps, map(view.activations, new float[0][]));
    }
    return maps;
  }

  final float[] rectified(double[] map) {
    boolean relu = options().get(RELU);
    float[] rectified = new float[map.length];
    for (int i = 0; i < map.length; i++) {
      rectified[i] = (float) (relu ? Math.max(map[i], 0) : map[i]);
    }
    return rectified;
  }

  private static boolean allZero(float[][] gradients) {
    for (float[] channel : gradients) {
      for (float gradient : channel) {
        if (gradient != 0) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  protected final float[] normalize(float[] raw, float eps) {
    return options().get(RELU) ? Normalization.byMaximum(raw, eps) : Normalization.minMax(raw, eps);
  }

  @Override
  protected final RawScale rawScale(float[] raw) {
    RawScale range = RawScale.ofRange(raw);
    return options().get(RELU) ? new RawScale(0, Math.max(0, range.atOne())) : range;
  }

  /** Looks at the layers, once for images of a shape, and refuses named ones that will not do. */
  private List<Seen> see(NDArray batch) {
    Shape image = new Shape(1).addAll(batch.getShape().slice(1));
    List<Seen> known = seen;
    if (known.isEmpty() || !known.get(0).image.equals(image)) {
      required.stream()
          .filter(needed -> needed != Capability.LAYERS)
          .filter(needed -> !model().capabilities().contains(needed))
          .findFirst()
          .ifPresent(
              missing -> {
                throw new MissingCapabilityException(model(), missing);
              });
      try (NDManager scope = batch.getManager().newSubManager()) {
        List<Layer> layers = model().layers(image(scope, batch, 0));
        LayerAxes axes =
            new LayerAxes(layers, model().channelLayout(), image, options().get(Tokens.OPTION));
        known =
            names(layers, image).stream()
                .map(
                    name ->
                        new Seen(
                            image,
                            name,
                            axes,
                            layers.stream()
                                .filter(layer -> layer.name().equals(name))
                                .findFirst()
                                .map(axes::requirePlacement)))
                .toList();
      }
      seen = known;
    }
    return known;
  }

  /** The named layers, several with commas between them, or the chosen one. */
  private List<String> names(List<Layer> layers, Shape image) {
    String named = layerName();
    if (named == null) {
      return List.of(choose(layers, image));
    }
    boolean isOne =
        named.indexOf(',') < 0 || layers.stream().anyMatch(layer -> layer.name().equals(named));
    return isOne
        ? List.of(named)
        : Splitter.on(',').trimResults().omitEmptyStrings().splitToList(named);
  }

  private String choose(List<Layer> layers, Shape image) {
    LayerChoice choice = layerChoice();
    Layer chosen = choice.choose(layers, model().channelLayout(), image);
    choice
        .doubt(layers, model().channelLayout(), image)
        .filter(doubt -> !doubted.getAndSet(true))
        .ifPresent(doubt -> logger.warn("{}: {}", model(), doubt));
    return chosen.name();
  }
}
