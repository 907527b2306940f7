package org.aucmedi.xai.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Provenance;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.imaging.ImageWriter;
import org.jspecify.annotations.Nullable;

/** An explanation as JSON: all that a page needs to draw it in any way without asking again. */
final class ResultJson {

  private final ExplainRequest request;
  private final List<String> classNames;

  ResultJson(ExplainRequest request, List<String> classNames) {
    this.request = request;
    this.classNames = classNames;
  }

  JsonObject of(Explained explained, long milliseconds) {
    JsonObject json = new JsonObject();
    json.addProperty("method", request.method());
    json.addProperty("profile", request.profile().name().toLowerCase(Locale.ROOT));
    json.addProperty("class", request.target().toString());
    json.addProperty("milliseconds", milliseconds);
    json.add("shape", integers(explained.image().spatialShape()));
    if (request.image()) {
      JsonObject image = image(explained.image());
      if (image != null) {
        json.add("image", image);
      }
    }
    if (!explained.maps().isEmpty()) {
      Heatmap first = explained.maps().get(0);
      json.add("outputs", floats(first.outputs()));
      json.add("provenance", provenance(first.provenance()));
    }
    if (!classNames.isEmpty()) {
      JsonArray names = new JsonArray();
      classNames.forEach(names::add);
      json.add("classNames", names);
    }
    JsonArray maps = new JsonArray();
    explained.maps().forEach(map -> maps.add(map(map)));
    json.add("maps", maps);
    return json;
  }

  private static JsonObject provenance(Provenance provenance) {
    JsonObject json = new JsonObject();
    json.addProperty("method", provenance.method());
    JsonObject options = new JsonObject();
    provenance.options().forEach(options::addProperty);
    json.add("options", options);
    if (provenance.layer() != null) {
      json.addProperty("layer", provenance.layer());
    }
    json.addProperty("engine", provenance.engine());
    json.addProperty("version", provenance.version());
    return json;
  }

  private JsonObject map(Heatmap map) {
    JsonObject json = new JsonObject();
    json.addProperty("label", map.objective().label());
    json.addProperty("classIndex", map.classIndex());
    json.add("score", Reply.number(map.score()));
    json.addProperty("status", map.status().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    json.addProperty("statusText", map.status().description());
    JsonObject diagnostics = new JsonObject();
    map.diagnostics().forEach((name, value) -> diagnostics.add(name, Reply.number(value)));
    json.add("diagnostics", diagnostics);
    json.add("rawMin", Reply.number(map.rawScale().atZero()));
    json.add("rawMax", Reply.number(map.rawScale().atOne()));
    json.addProperty("encoding", request.floats() ? "float32" : "uint8");
    float[] values = map.values();
    json.addProperty(
        "data",
        Base64.getEncoder()
            .encodeToString(request.floats() ? littleEndian(values) : bytes(values)));
    return json;
  }

  private static byte[] littleEndian(float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  private static byte[] bytes(float[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(255 * values[i]);
    }
    return bytes;
  }

  /** The image as a person sees it, or null if it has no colours that can be shown. */
  private @Nullable JsonObject image(ImageArray image) {
    ImageArray shown;
    try {
      shown = request.drawing().window().apply(image);
    } catch (IllegalArgumentException e) {
      return null;
    }
    float[] values = shown.data();
    int channels = shown.channels();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(Math.max(0, Math.min(255, values[i])));
    }
    JsonObject json = new JsonObject();
    json.addProperty("channels", channels);
    boolean flat = shown.spatialRank() == 2;
    json.addProperty("encoding", flat ? "png" : "uint8");
    json.addProperty(
        "data",
        Base64.getEncoder()
            .encodeToString(flat ? png(bytes, channels, shown.spatialShape()) : bytes));
    return json;
  }

  private static byte[] png(byte[] bytes, int channels, int[] shape) {
    BufferedImage picture =
        new BufferedImage(
            shape[1],
            shape[0],
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    int[] row = new int[shape[1] * channels];
    for (int y = 0; y < shape[0]; y++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = bytes[y * row.length + i] & 0xff;
      }
      picture.getRaster().setPixels(0, y, shape[1], 1, row);
    }
    return ImageWriter.png(picture, false);
  }

  private static JsonArray integers(int[] values) {
    JsonArray array = new JsonArray();
    for (int value : values) {
      array.add(value);
    }
    return array;
  }

  private static JsonArray floats(float[] values) {
    JsonArray array = new JsonArray();
    for (float value : values) {
      array.add(Reply.number(value));
    }
    return array;
  }
}
