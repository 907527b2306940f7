package org.aucmedi.xai.engine.pytorch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.aucmedi.xai.model.UnsupportedModelException;

/** The weights of a TorchScript archive, which its pickle describes and its files hold. */
final class ModuleWeights {

  private static final String FLOAT = "FloatStorage";
  private static final String DOUBLE = "DoubleStorage";

  /** Names of buffers that normalisations have learnt; they are no weights. */
  private static final Set<String> STATISTICS = Set.of("running_mean", "running_var");

  private final ModuleArchive archive;
  private final List<Weight> weights = new ArrayList<>();

  /** A tensor of floating-point numbers: where it is, and of which type. */
  private record Weight(
      String layer,
      String name,
      String type,
      String file,
      long offset,
      List<?> shape,
      List<?> strides) {

    /** The positions of its values in the file, in the order of the tensor. */
    int[] positions() {
      int[] positions = {Math.toIntExact(offset)};
      for (int axis = 0; axis < shape.size(); axis++) {
        int size = ((Number) shape.get(axis)).intValue();
        int stride = ((Number) strides.get(axis)).intValue();
        int[] next = new int[Math.multiplyExact(positions.length, size)];
        for (int i = 0; i < next.length; i++) {
          next[i] = positions[i / size] + i % size * stride;
        }
        positions = next;
      }
      return positions;
    }
  }

  /** Finds the weights of an archive that was checked. */
  ModuleWeights(ModuleArchive archive) throws IOException {
    this.archive = archive;
    for (PickleGraph.Named found : PickleGraph.instances(Pickle.read(archive.read("data.pkl")))) {
      Pickle.Instance instance = found.instance();
      List<?> arguments = instance.arguments();
      if (instance.className().startsWith("torch._utils._rebuild_tensor")
          && arguments.get(0) instanceof Pickle.Instance storage) {
        add(found.path(), (List<?>) storage.arguments().get(0), arguments);
      }
    }
  }

  private void add(String path, List<?> storage, List<?> tensor) {
    int dot = path.lastIndexOf('.');
    String name = path.substring(dot + 1);
    String type = ((Pickle.Instance) storage.get(1)).className().replace("torch.", "");
    if (type.equals("HalfStorage") || type.equals("BFloat16Storage")) {
      throw new UnsupportedModelException(
          "the weights of '"
              + path
              + "' are "
              + type.replace("Storage", "")
              + ", which cannot be replaced; save model.float() instead");
    }
    if ((type.equals(FLOAT) || type.equals(DOUBLE)) && !STATISTICS.contains(name)) {
      weights.add(
          new Weight(
              dot < 0 ? "" : path.substring(0, dot),
              name,
              type,
              "data/" + storage.get(2),
              ((Number) tensor.get(1)).longValue(),
              (List<?>) tensor.get(2),
              (List<?>) tensor.get(3)));
    }
  }

  /** Lists the modules that have weights, in the order of their declaration. */
  List<String> layers() {
    Set<String> layers = new LinkedHashSet<>();
    weights.forEach(weight -> layers.add(weight.layer));
    return List.copyOf(layers);
  }

  /**
   * Lists the layers of a file.
   *
   * @throws UnsupportedModelException if it has no weights, as after torch.jit.freeze
   */
  static List<String> layersOf(Path file) throws IOException {
    try (ModuleArchive archive = ModuleArchive.open(file)) {
      archive.check(Files.size(file));
      List<String> layers = new ModuleWeights(archive).layers();
      if (layers.isEmpty()) {
        throw new UnsupportedModelException(
            file
                + " has no weights that can be replaced: it is quantised, or torch.jit.freeze has made"
                + " them constants; give the file from before that");
      }
      return layers;
    }
  }

  /** Writes the archive with random weights in some layers. */
  void writeRandomised(Set<String> layers, long seed, OutputStream out) throws IOException {
    Map<String, byte[]> replaced = new HashMap<>();
    for (Weight weight : weights) {
      if (layers.contains(weight.layer)) {
        byte[] bytes = replaced.get(weight.file);
        if (bytes == null) {
          bytes = archive.readTensor(weight.file);
          replaced.put(weight.file, bytes);
        }
        // The same for a layer whatever others are random.
        SplittableRandom random =
            new SplittableRandom(31 * seed + (weight.layer + "." + weight.name).hashCode());
        randomise(weight, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), random);
      }
    }
    archive.write(out, replaced);
  }

  private static void randomise(Weight weight, ByteBuffer bytes, SplittableRandom random) {
    int[] positions = weight.positions();
    double mean = 0;
    for (int position : positions) {
      mean += get(weight.type, bytes, position) / positions.length;
    }
    double variance = 0;
    for (int position : positions) {
      double off = get(weight.type, bytes, position) - mean;
      variance += off * off / positions.length;
    }
    double deviation = Math.sqrt(variance);
    for (int position : positions) {
      put(weight.type, bytes, position, mean + deviation * random.nextGaussian());
    }
  }

  private static double get(String type, ByteBuffer bytes, int position) {
    return type.equals(DOUBLE)
        ? bytes.getDouble(Double.BYTES * position)
        : bytes.getFloat(Float.BYTES * position);
  }

  private static void put(String type, ByteBuffer bytes, int position, double value) {
    if (type.equals(DOUBLE)) {
      bytes.putDouble(Double.BYTES * position, value);
    } else {
      bytes.putFloat(Float.BYTES * position, (float) value);
    }
  }
}
