package org.aucmedi.xai.decoder.automl;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.aucmedi.xai.model.Capability;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.testkit.LinearModel;
import org.jspecify.annotations.Nullable;

/**
 * Reads files that hold the shape of a batch, channels last, and the number of outputs, into a
 * model in plain Java: every output is the sum of the image times its number.
 */
public final class LinearFiles implements ExplainableModelProvider {

  static void write(Path file, int outputs, long... shape) throws IOException {
    Files.writeString(
        file,
        outputs
            + ";"
            + LongStream.of(shape).mapToObj(String::valueOf).collect(Collectors.joining(",")));
  }

  @Override
  public String engineName() {
    return "heap";
  }

  @Override
  public List<ModelKind> kinds() {
    return List.of(new ModelKind("linear", Set.of(Capability.INPUT_GRADIENTS)));
  }

  @Override
  public boolean accepts(Model model) {
    return false;
  }

  @Override
  public ExplainableModel create(Model model, LoadOptions options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean canLoad(Path path) {
    return path.toString().endsWith(".h5") || path.toString().endsWith(".keras");
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    try {
      String[] parts = Files.readString(path).split(";", -1);
      long[] shape =
          parts[1].isEmpty()
              ? new long[0]
              : Arrays.stream(parts[1].split(",", -1)).mapToLong(Long::parseLong).toArray();
      return new DeclaredModel(
          Integer.parseInt(parts[0]), shape.length == 0 ? null : new Shape(shape), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class DeclaredModel implements ExplainableModel {

    private final int outputs;
    private final @Nullable Shape shape;
    private final LoadOptions options;

    DeclaredModel(int outputs, @Nullable Shape shape, LoadOptions options) {
      this.outputs = outputs;
      this.shape = shape;
      this.options = options;
    }

    @Override
    public String engineName() {
      return "heap";
    }

    @Override
    public ChannelLayout channelLayout() {
      return ChannelLayout.CHANNELS_LAST;
    }

    @Override
    public Set<Capability> capabilities() {
      return Set.of(Capability.PREDICTION);
    }

    @Override
    public OutputActivation outputActivation() {
      return options.activation() == null ? OutputActivation.UNKNOWN : options.activation();
    }

    @Override
    public NDManager newManager() {
      return new LinearModel(new float[1][1], channelLayout(), "heap").newManager();
    }

    @Override
    public @Nullable Shape inputShape() {
      return shape;
    }

    @Override
    public NDArray predict(NDArray batch) {
      int size = Math.toIntExact(batch.getShape().slice(1).size());
      float[][] weights = new float[outputs][size];
      for (int c = 0; c < outputs; c++) {
        Arrays.fill(weights[c], c);
      }
      return new LinearModel(weights, channelLayout(), "heap").predict(batch);
    }

    @Override
    public void close() {}
  }
}
