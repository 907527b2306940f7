package org.aucmedi.xai.importer.keras;

import com.google.common.base.Ascii;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * An opened Keras file.
 *
 * @param path where it lies
 * @param model the architecture: an object with {@code class_name} and {@code config}
 * @param version the version of Keras that wrote it, {@code "2"} if it does not say
 * @param weights the weights
 * @param hdf the HDF5 file that holds them
 */
record KerasFile(Path path, JsonObject model, String version, WeightStore weights, HdfFile hdf)
    implements Closeable {

  /** The architecture of a large network is a few megabytes of text. */
  private static final long LARGEST_CONFIG = 64L << 20;

  private static final int START = 4096;

  /**
   * Opens a file.
   *
   * @param path the file
   * @param weights the file of the weights where the other is only an architecture, or null
   * @throws IOException if it cannot be read
   * @throws XAIException if it is damaged, or no whole model
   */
  static KerasFile open(Path path, @Nullable Path weights) throws IOException {
    try {
      if (isArchitecture(path)) {
        return openText(path, weights);
      }
      return Ascii.toLowerCase(path.toString()).endsWith(".keras") ? openZip(path) : openHdf(path);
    } catch (ZipException e) {
      throw new XAIException(
          path + " is not a .keras file, or damaged: " + e.getMessage() + "; copy it again", e);
    } catch (JsonParseException | IllegalStateException | ClassCastException e) {
      throw new XAIException(
          path + " has an architecture that cannot be read: " + e.getMessage() + "; copy it again",
          e);
    } catch (XAIException e) {
      throw e;
    } catch (RuntimeException e) {
      throw damaged(path, e);
    }
  }

  /** What jHDF throws for damaged files has many types. */
  static XAIException damaged(Path path, RuntimeException e) {
    return new XAIException(
        path + " is not an HDF5 file, or damaged: " + e.getMessage() + "; copy it again", e);
  }

  private static KerasFile openZip(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      JsonObject model =
          parse(new String(read(zip, path, "config.json", LARGEST_CONFIG), StandardCharsets.UTF_8));
      JsonObject metadata =
          parse(
              new String(read(zip, path, "metadata.json", LARGEST_CONFIG), StandardCharsets.UTF_8));
      byte[] weights = read(zip, path, "model.weights.h5", Integer.MAX_VALUE - 8L);
      HdfFile hdf = HdfFile.fromBytes(weights);
      JsonElement version = metadata.get("keras_version");
      return new KerasFile(
          path,
          model,
          version == null ? "3" : version.getAsString(),
          new ZippedWeights(path, hdf, weights.length),
          hdf);
    }
  }

  private static byte[] read(ZipFile zip, Path path, String name, long limit) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new XAIException(
          path + " has no " + name + "; save the whole model with model.save('model.keras')");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] content = in.readNBytes((int) Math.min(limit, Math.max(0, entry.getSize()) + 1));
      if (content.length != entry.getSize()) {
        throw new ZipException("its " + name + " has another size than it claims");
      }
      return content;
    }
  }

  /** Whether a file is what {@code to_json()} gives; MXNet's symbols are JSON, too. */
  static boolean isArchitecture(Path path) {
    if (!Ascii.toLowerCase(path.toString()).endsWith(".json")) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      String start = new String(in.readNBytes(START), StandardCharsets.UTF_8);
      return start.contains("\"class_name\"") || start.contains("\"keras_version\"");
    } catch (IOException e) {
      return false;
    }
  }

  private static KerasFile openText(Path path, @Nullable Path weights) throws IOException {
    if (weights == null) {
      throw new UnsupportedModelException(
          path
              + " is an architecture without weights; name the file that save_weights wrote"
              + " (--weights FILE, LoadOptions.optWeights)");
    }
    JsonObject model = parse(Files.readString(path));
    JsonElement version = model.get("keras_version");
    HdfFile hdf;
    try {
      hdf = new HdfFile(weights);
    } catch (RuntimeException e) {
      throw damaged(weights, e);
    }
    // Keras 3 writes weights as in a .keras file, Keras 2 as in a whole model.
    boolean legacy =
        hdf.getAttribute("layer_names") != null || hdf.getChildren().get("layers") == null;
    return new KerasFile(
        path,
        model,
        version == null ? "2" : version.getAsString(),
        legacy
            ? new LegacyWeights(weights, hdf)
            : new ZippedWeights(weights, hdf, Files.size(weights)),
        hdf);
  }

  private static KerasFile openHdf(Path path) throws IOException {
    HdfFile hdf = new HdfFile(path);
    boolean opened = false;
    try {
      String config = text(hdf.getAttribute("model_config"));
      if (config == null) {
        throw new UnsupportedModelException(
            path
                + " holds weights without an architecture; save the whole model with"
                + " model.save('model.keras')");
      }
      String version = text(hdf.getAttribute("keras_version"));
      KerasFile file =
          new KerasFile(
              path,
              parse(config),
              version == null ? "2" : version,
              new LegacyWeights(path, hdf),
              hdf);
      opened = true;
      return file;
    } finally {
      if (!opened) {
        hdf.close();
      }
    }
  }

  private static JsonObject parse(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
  }

  static @Nullable String text(@Nullable Attribute attribute) {
    return attribute != null && attribute.getData() instanceof String text ? text : null;
  }

  /** Whether Keras 3 wrote it, or Keras 2. */
  boolean isKeras3() {
    return !version.startsWith("1") && !version.startsWith("2");
  }

  @Override
  public void close() {
    hdf.close();
  }
}
