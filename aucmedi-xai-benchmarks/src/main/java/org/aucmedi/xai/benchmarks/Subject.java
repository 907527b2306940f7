package org.aucmedi.xai.benchmarks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.cam.LayerChoice;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/** A model that is measured, with a batch of noise to run it on. */
final class Subject implements AutoCloseable {

  private static final String BLOCKS = "blocks@";

  private final @Nullable Path file;
  private final ExplainableModel model;
  private @Nullable ExplainableModel original;
  private @Nullable Model blocks;
  private final NDManager manager;
  private final NDArray batch;
  private final int classes;
  private @Nullable String layer;

  private Subject(@Nullable Path file, ExplainableModel model, Shape shape) {
    this.file = file;
    this.model = model;
    this.manager = model.newManager();
    this.batch = manager.create(FloatBuffer.wrap(noise(shape)), shape);
    try (NDArray output = model.predict(batch)) {
      this.classes = Math.toIntExact(output.getShape().get(1));
    }
  }

  /**
   * Opens a model.
   *
   * @param file its file
   * @param images the size of the batch
   * @param image the shape of one image as the model takes it, or null if the file declares it
   * @return the subject
   */
  static Subject open(Path file, int images, @Nullable Shape image) {
    ExplainableModel model = ExplainableModel.load(file);
    Shape declared = model.inputShape();
    Shape one = image != null ? image : declared == null ? null : declared.slice(1);
    if (one == null || Arrays.stream(one.getShape()).anyMatch(size -> size < 1)) {
      model.close();
      throw new IllegalArgumentException(
          file + " does not declare its input; write " + file + "@3x224x224, for instance");
    }
    return new Subject(file, model, new Shape(images).addAll(one));
  }

  /**
   * Opens a model from one word.
   *
   * @param text the file, or the file and the shape of an image as in {@code net.pt@3x224x224}; or
   *     {@code blocks@MXNet} for ResNet-18 as DJL's blocks on an engine
   * @param images the size of the batch
   * @return the subject
   */
  static Subject parse(String text, int images) {
    int at = text.lastIndexOf('@');
    if (text.startsWith(BLOCKS)) {
      return ofBlocks(text.substring(BLOCKS.length()), images);
    }
    return at < 0
        ? open(Path.of(text), images, null)
        : open(Path.of(text.substring(0, at)), images, shape(text.substring(at + 1)));
  }

  private static Subject ofBlocks(String engine, int images) {
    Shape batch = new Shape(images, 3, 224, 224);
    Model blocks = Model.newInstance("resnet18", engine);
    Block network = ResNetBlocks.resnet18();
    network.initialize(blocks.getNDManager(), DataType.FLOAT32, batch);
    blocks.setBlock(network);
    Subject subject = new Subject(null, ExplainableModel.of(blocks), batch);
    subject.blocks = blocks;
    return subject;
  }

  static Shape shape(String text) {
    if (!text.matches("\\d{1,6}(x\\d{1,6})*")) {
      throw new IllegalArgumentException("'" + text + "' is no shape; write 3x224x224");
    }
    return new Shape(Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray());
  }

  boolean can(Capability capability) {
    return model.capabilities().contains(capability);
  }

  ExplainableModel model() {
    return model;
  }

  /** The model without the optimised copy that sweeps predict with; blocks have none. */
  ExplainableModel original() {
    if (file == null) {
      return model;
    }
    if (original == null) {
      original = ExplainableModel.load(file, LoadOptions.builder().optOptimize(false).build());
    }
    return original;
  }

  NDArray batch() {
    return batch;
  }

  /** The layer of Grad-CAM's paper: the last convolution with more than one position. */
  String layer() {
    if (layer == null) {
      layer =
          LayerChoice.LAST_CONVOLUTION
              .find(model.layers(batch), model.channelLayout(), batch.getShape())
              .orElseThrow(() -> new XAIException(model + " has no convolution"))
              .name();
    }
    return layer;
  }

  /** The outputs of the first classes, all of them if there are fewer. */
  OutputGradient firstClasses(int count) {
    return OutputGradient.ofClasses(classes(count));
  }

  /** The first classes, all of them if there are fewer. */
  int[] classes(int count) {
    return IntStream.range(0, Math.min(count, classes)).toArray();
  }

  private static float[] noise(Shape shape) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @Override
  public void close() {
    manager.close();
    model.close();
    if (original != null) {
      original.close();
    }
    if (blocks != null) {
      blocks.close();
    }
  }
}
