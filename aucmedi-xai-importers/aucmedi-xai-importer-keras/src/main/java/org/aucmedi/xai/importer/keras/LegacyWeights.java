package org.aucmedi.xai.importer.keras;

import com.google.common.base.Splitter;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Constant;
import org.jspecify.annotations.Nullable;

/**
 * The weights in an HDF5 file of a whole model: a group for each layer of the outermost model,
 * whose attribute {@code weight_names} lists its weights. The weights of a nested model are all in
 * its group; there the name of a weight holds that of its layer.
 */
final class LegacyWeights implements WeightStore {

  private static final int NOWHERE = Integer.MAX_VALUE;

  private final Path file;
  private final Group root;
  private final long size;

  LegacyWeights(Path file, HdfFile hdf) throws IOException {
    this.file = file;
    this.size = Files.size(file);
    this.root = hdf.getChildren().get("model_weights") instanceof Group group ? group : hdf;
  }

  @Override
  public OfModel model() {
    return new OfModel() {
      @Override
      public OfLayer layer(String className, String name) {
        Group group = group(name);
        List<String> names = names(group);
        return new InOrder(group, () -> names);
      }

      @Override
      public OfModel model(String className, String name) {
        Group group = group(name);
        return new Nested(group, names(group));
      }
    };
  }

  private @Nullable Group group(String name) {
    Node found = root;
    // A name with a slash is a path of groups.
    for (String part : Splitter.on('/').split(name)) {
      found = found instanceof Group group ? group.getChildren().get(part) : null;
    }
    return found instanceof Group group ? group : null;
  }

  private static List<String> names(@Nullable Group group) {
    List<String> names = new ArrayList<>();
    if (group != null) {
      add(group.getAttribute("weight_names"), names);
      // A list that is too long for one attribute has several.
      for (int i = 0; ; i++) {
        Attribute part = group.getAttribute("weight_names" + i);
        if (part == null) {
          break;
        }
        add(part, names);
      }
    }
    return names;
  }

  private static void add(@Nullable Attribute attribute, List<String> names) {
    // An empty list is stored as numbers.
    if (attribute != null && !attribute.isEmpty()) {
      if (attribute.getData() instanceof String[] many) {
        names.addAll(List.of(many));
      } else if (attribute.getData() instanceof String one) {
        names.add(one);
      }
    }
  }

  private Constant read(Group group, String name) {
    Node found = group;
    for (String part : Splitter.on('/').split(name)) {
      found = found instanceof Group inner ? inner.getChildren().get(part) : null;
    }
    if (!(found instanceof Dataset dataset)) {
      throw new XAIException(file + ": its weight " + name + " is missing; copy it again");
    }
    return Datasets.read(file, size, dataset);
  }

  /** A layer of the outermost model. */
  private final class InOrder implements OfLayer {

    private final @Nullable Group group;
    private final Supplier<List<String>> names;
    private final Set<String> used = new HashSet<>();

    InOrder(@Nullable Group group, Supplier<List<String>> names) {
      this.group = group;
      this.names = names;
    }

    @Override
    public @Nullable Constant next(Part part, String role) {
      List<String> left = names.get().stream().filter(name -> !used.contains(name)).toList();
      String wanted = part.name().isEmpty() ? role : part.name() + "/" + role;
      // By its name; else, within one layer, in order.
      String name =
          left.stream()
              .filter(candidate -> endsWith(candidate, wanted))
              .findFirst()
              .or(() -> part.name().isEmpty() ? left.stream().findFirst() : Optional.empty())
              .orElse(null);
      if (name == null || group == null) {
        return null;
      }
      used.add(name);
      return read(group, name);
    }
  }

  private static boolean endsWith(String name, String wanted) {
    String path = "/" + (name.endsWith(":0") ? name.substring(0, name.length() - 2) : name);
    return path.endsWith("/" + wanted);
  }

  /** A nested model. */
  private final class Nested implements OfModel {

    private final @Nullable Group group;
    private final List<String> names;

    /** The names of the layers, complete once the first weight is asked for. */
    private final Set<String> layers = new HashSet<>();

    Nested(@Nullable Group group, List<String> names) {
      this.group = group;
      this.names = names;
    }

    /**
     * The weights below a name. If it stands at several places, as for a layer of this model and
     * one of a model nested deeper, the outermost is meant.
     */
    private List<String> of(String layer) {
      List<String> exact = of(Pattern.compile("/" + Pattern.quote(layer) + "/"));
      if (!exact.isEmpty()) {
        return exact;
      }
      // In one session with another such model, TensorFlow 1 gave names a number.
      Pattern path = Pattern.compile("/(" + Pattern.quote(layer) + "_\\d+)/");
      List<String> numbered = of(path);
      Set<String> found = new HashSet<>();
      for (String name : numbered) {
        Matcher matcher = path.matcher("/" + name);
        if (matcher.find()) {
          found.add(matcher.group(1));
        }
      }
      // conv_1 may be conv with a number, or the layer conv_1.
      if (found.size() > 1 || found.stream().anyMatch(layers::contains)) {
        throw new XAIException(
            file
                + ": the weights of the nested layer '"
                + layer
                + "' could be those named "
                + found
                + "; load the model in Keras and save it anew");
      }
      return numbered;
    }

    private List<String> of(Pattern path) {
      int outermost = names.stream().mapToInt(name -> at(path, name)).min().orElse(NOWHERE);
      return names.stream()
          .filter(name -> at(path, name) == outermost && outermost != NOWHERE)
          .toList();
    }

    private static int at(Pattern path, String name) {
      Matcher found = path.matcher("/" + name);
      return found.find() ? found.start() : NOWHERE;
    }

    @Override
    public OfLayer layer(String className, String name) {
      layers.add(name);
      return new InOrder(group, () -> of(name));
    }

    @Override
    public OfModel model(String className, String name) {
      List<String> own = of(name);
      return new Nested(group, own.isEmpty() ? names : own);
    }
  }
}
