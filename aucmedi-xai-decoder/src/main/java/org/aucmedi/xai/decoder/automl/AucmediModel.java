package org.aucmedi.xai.decoder.automl;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.Predictor;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.Subfunction;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * A model that AUCMEDI AutoML trained, with everything that its folder tells: how images are
 * prepared for it, and what its outputs mean.
 *
 * <p>It prepares and explains what {@code aucmedi prediction --xai_method} does. Its predictions
 * are those of the images themselves, as AUCMEDI's with the analysis "minimal"; with "standard"
 * AUCMEDI averages over ten random rotations and flips of each image, so that its numbers differ
 * from run to run.
 *
 * <p>Thread-safe, as its {@link ExplainableModel} is.
 */
public final class AucmediModel implements AutoCloseable {

  /** The weight of the map in AUCMEDI AutoML's overlays. */
  public static final float ALPHA = 0.4f;

  private final ExplainableModel model;
  private final AucmediFolder folder;
  private final Input input;

  private AucmediModel(ExplainableModel model, AucmediFolder folder, Input input) {
    this.model = model;
    this.folder = folder;
    this.input = input;
  }

  /**
   * Loads the single model of a folder.
   *
   * @param folder a folder with {@code meta.training.json} and the model
   * @return the model, which the caller closes
   * @throws XAIException if something in the folder is missing, damaged, or does not fit
   */
  public static AucmediModel load(Path folder) {
    return load(AucmediFolder.read(folder, null), LoadOptions.NONE);
  }

  /**
   * Loads a model.
   *
   * @param folder what is known of it
   * @param options settings that override those of the folder; the activation is, unless set,
   *     sigmoid for a multi-label model and softmax for another, as AUCMEDI AutoML builds them
   * @return the model, which the caller closes
   * @throws XAIException if the model cannot be read, or does not fit what the folder says
   */
  public static AucmediModel load(AucmediFolder folder, LoadOptions options) {
    Architecture architecture = folder.settings();
    LoadOptions.Builder completed = options.toBuilder();
    if (options.activation() == null) {
      completed.optActivation(
          folder.multiLabel() ? OutputActivation.SIGMOID : OutputActivation.SOFTMAX);
    }
    ExplainableModel model = ExplainableModel.load(folder.modelFile(), completed.build());
    boolean fits = false;
    try {
      Input input = Input.of(model, folder, architecture);
      checkOutputs(model, folder, input);
      fits = true;
      return new AucmediModel(model, folder, input);
    } finally {
      if (!fits) {
        model.close();
      }
    }
  }

  /** Runs the model once: it is too late to learn after an hour that the classes are others. */
  private static void checkOutputs(ExplainableModel model, AucmediFolder folder, Input input) {
    try (NDManager manager = model.newManager()) {
      Shape batch = input.batch(model.channelLayout());
      int outputs = model.outputs(manager.zeros(batch))[0].length;
      if (outputs != folder.classNames().size()) {
        throw new UnsupportedModelException(
            folder.modelFile()
                + " has "
                + outputs
                + " outputs, and the meta.training.json beside it names "
                + folder.classNames().size()
                + " classes "
                + folder.classNames()
                + "; take both files from the same training");
      }
    }
  }

  /** {@return the model, as methods take it; it closes with this object} */
  public ExplainableModel explainable() {
    return model;
  }

  /** {@return what the folder says} */
  public AucmediFolder folder() {
    return folder;
  }

  /** {@return the names of the classes, one per output} */
  public List<String> classNames() {
    return folder.classNames();
  }

  /**
   * Prepares images as AUCMEDI AutoML does: resized to the model's input and standardised as its
   * architecture needs it. Volumes are resampled to voxels of 1 mm where their file tells the size,
   * scaled to 0 to 255, padded with zeros or cut around their centre to the model's input, and
   * repeated for three channels; where AUCMEDI cuts at random, which makes its predictions differ
   * from run to run.
   *
   * @return a generator without samples, whose settings can be overridden
   */
  public DataGenerator.Builder generator() {
    return generator(List.of());
  }

  /**
   * Prepares images as {@link #generator()} does, after steps of one's own, such as a window of
   * Hounsfield units.
   *
   * @param first the steps that come before AUCMEDI AutoML's
   * @return a generator without samples, whose settings can be overridden
   */
  public DataGenerator.Builder generator(List<? extends Subfunction> first) {
    DataGenerator.Builder generator =
        DataGenerator.builder()
            .optStandardize(folder.settings().standardize())
            .optGrayscale(!folder.threeDim() && input.channels == 1)
            .optResize(input.sizes);
    first.forEach(generator::addSubfunction);
    return folder.threeDim()
        ? generator.addSubfunction(new VolumeFit(input.sizes, input.channels))
        : generator;
  }

  /**
   * Predicts images.
   *
   * @param images from {@link #generator()}
   * @return the predictions, with the names of the classes, and the failures
   */
  public Predictor.Result predict(DataGenerator images) {
    return new Predictor(model, images, new DecoderListener() {}).predict(classNames());
  }

  @Override
  public void close() {
    model.close();
  }

  @Override
  public String toString() {
    return "AucmediModel[" + folder.modelFile() + "]";
  }

  /** What the model takes: its own declaration, completed by AUCMEDI's. */
  private static final class Input {

    private final int[] sizes;
    private final int channels;

    private Input(int[] sizes, int channels) {
      this.sizes = sizes;
      this.channels = channels;
    }

    static Input of(ExplainableModel model, AucmediFolder folder, Architecture architecture) {
      int rank = folder.threeDim() ? 3 : 2;
      int[] sizes = new int[rank];
      for (int axis = 0; axis < rank; axis++) {
        sizes[axis] = folder.threeDim() ? folder.volumeShape().get(axis) : architecture.size();
      }
      @Nullable Shape declared = model.inputShape();
      if (declared == null) {
        return new Input(sizes, 3);
      }
      if (declared.dimension() != rank + 2) {
        throw refusal(folder, declared, rank == 2 ? "pictures" : "volumes");
      }
      int channelAxis = model.channelLayout().axis(rank + 2);
      int channels = declared.get(channelAxis) < 0 ? 3 : Math.toIntExact(declared.get(channelAxis));
      if (channels != 1 && channels != 3) {
        throw refusal(folder, declared, "grey or coloured images");
      }
      int first = channelAxis == 1 ? 2 : 1;
      for (int axis = 0; axis < rank; axis++) {
        long size = declared.get(first + axis);
        sizes[axis] = size < 0 ? sizes[axis] : Math.toIntExact(size);
      }
      return new Input(sizes, channels);
    }

    private static UnsupportedModelException refusal(
        AucmediFolder folder, Shape declared, String images) {
      return new UnsupportedModelException(
          folder.modelFile()
              + " takes an input of "
              + declared
              + ", which are no "
              + images
              + " as the meta.training.json beside it says; take both files from the same training");
    }

    Shape batch(ChannelLayout layout) {
      Shape spatial = new Shape(Arrays.stream(sizes).asLongStream().toArray());
      return layout == ChannelLayout.CHANNELS_FIRST
          ? new Shape(1, channels).addAll(spatial)
          : new Shape(1).addAll(spatial).add(channels);
    }
  }
}
