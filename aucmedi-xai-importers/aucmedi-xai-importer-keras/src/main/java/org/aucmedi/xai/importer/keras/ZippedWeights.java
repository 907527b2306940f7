package org.aucmedi.xai.importer.keras;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The weights in a {@code .keras} file: {@code layers/conv2d_1/vars/0} is the first weight of the
 * second layer of the class Conv2D.
 */
final class ZippedWeights implements WeightStore {

  private final Path file;
  private final HdfFile hdf;
  private final long size;

  ZippedWeights(Path file, HdfFile hdf, long size) {
    this.file = file;
    this.hdf = hdf;
    this.size = size;
  }

  @Override
  public OfModel model() {
    return new InGroup(hdf);
  }

  private final class InGroup implements OfModel {

    private final @Nullable Group group;
    private final Map<String, Integer> counts = new HashMap<>();

    InGroup(@Nullable Group group) {
      this.group = group;
    }

    private @Nullable Group next(String className) {
      String snake = snakeCase(className);
      int count = counts.merge(snake, 1, Integer::sum) - 1;
      Group layers = child(group, "layers");
      if (layers == null) {
        // The name that tf.keras 2.12 had for it.
        layers = child(group, "_layer_checkpoint_dependencies");
      }
      return child(layers, count == 0 ? snake : snake + "_" + count);
    }

    @Override
    public OfLayer layer(String className, String name) {
      Group own = next(className);
      Map<String, Integer> read = new HashMap<>();
      return (part, role) -> {
        Group inner = own;
        for (String attribute : Splitter.on('/').omitEmptyStrings().split(part.attribute())) {
          inner = child(inner, attribute);
        }
        Group variables = child(inner, "vars");
        int index = read.merge(part.attribute(), 1, Integer::sum) - 1;
        Node found = variables == null ? null : variables.getChildren().get(String.valueOf(index));
        return found instanceof Dataset dataset ? Datasets.read(file, size, dataset) : null;
      };
    }

    @Override
    public OfModel model(String className, String name) {
      return new InGroup(next(className));
    }
  }

  private static @Nullable Group child(@Nullable Group group, String name) {
    return group != null && group.getChildren().get(name) instanceof Group child ? child : null;
  }

  /**
   * Keras's way from a class name to a name of a group: BatchNormalization, batch_normalization.
   */
  static String snakeCase(String className) {
    String words =
        CharMatcher.inRange('a', 'z')
            .or(CharMatcher.inRange('A', 'Z'))
            .or(CharMatcher.inRange('0', '9'))
            .or(CharMatcher.is('_'))
            .retainFrom(className)
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2");
    return Ascii.toLowerCase(words);
  }
}
