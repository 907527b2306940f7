package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.Layer;
import org.aucmedi.xai.model.LayerKind;

/**
 * Lists the submodules of a TorchScript archive, in the order of declaration, by their paths as in
 * {@code named_modules()}.
 */
final class TorchScriptLayers {

  private static final String CLASS_PREFIX = "__torch__.";
  private static final Pattern TORCH_MODULE =
      Pattern.compile("\\.torch\\.nn\\.modules\\.(\\w+)\\.");

  /** What {@code saveParameters} writes before the archive: a version byte and a length. */
  private static final int HEADER_BYTES = 1 + Long.BYTES;

  private TorchScriptLayers() {}

  static List<Layer> of(ExplainableModel model, byte[] serialised) {
    try {
      Pickle.Instance root = (Pickle.Instance) Pickle.read(dataPickle(serialised));
      ImmutableList.Builder<Layer> layers = ImmutableList.builder();
      walk("", root, layers);
      return layers.build();
    } catch (IOException e) {
      throw new XAIException(model + " does not tell its layers: " + e.getMessage(), e);
    }
  }

  private static byte[] dataPickle(byte[] serialised) throws IOException {
    byte[] archive = Arrays.copyOfRange(serialised, HEADER_BYTES, serialised.length);
    try (ZipFile zip = ZipFile.builder().setByteArray(archive).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        if (entry.getName().endsWith("/data.pkl")) {
          try (InputStream in = zip.getInputStream(entry)) {
            return in.readAllBytes();
          }
        }
      }
    }
    throw new IOException("its archive holds no data.pkl");
  }

  private static void walk(
      String path, Pickle.Instance module, ImmutableList.Builder<Layer> layers) {
    module
        .state()
        .forEach(
            (name, value) -> {
              if (value instanceof Pickle.Instance child
                  && child.className().startsWith(CLASS_PREFIX)) {
                String childPath = path.isEmpty() ? (String) name : path + "." + name;
                layers.add(new Layer(childPath, kind(child.className()), null));
                walk(childPath, child, layers);
              }
            });
  }

  private static LayerKind kind(String className) {
    Matcher matcher = TORCH_MODULE.matcher(className);
    if (!matcher.find() || className.endsWith(".Identity")) {
      return LayerKind.OTHER;
    }
    return switch (matcher.group(1)) {
      case "conv" -> LayerKind.CONV;
      case "pooling" -> LayerKind.POOL;
      case "batchnorm", "instancenorm", "normalization" -> LayerKind.NORM;
      case "activation" -> LayerKind.ACTIVATION;
      case "linear" -> LayerKind.DENSE;
      default -> LayerKind.OTHER;
    };
  }
}
