package org.aucmedi.xai.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.OutputFolder;

/** The output folder of a run that never was. */
final class RunFolder {

  private static final Gson GSON = new Gson();

  private final Path folder;
  private final OutputFolder pictures;
  private final List<String> lines = new ArrayList<>();
  private final Map<String, Object> manifest = new LinkedHashMap<>();

  RunFolder(Path folder, String... methods) throws IOException {
    this.folder = Files.createDirectories(folder);
    pictures = OutputFolder.open(folder.resolve(ReportPictures.FOLDER), List.of());
    manifest.put("format", "aucmedi-xai-manifest");
    manifest.put("version", 1);
    manifest.put("program", Map.of("name", "aucmedi-xai", "version", "0.1.0"));
    manifest.put("status", "finished");
    manifest.put("command", List.of("explain", "--images", "my scans"));
    manifest.put("started", "2026-01-02T03:04:05Z");
    manifest.put("ended", "2026-01-02T03:05:05Z");
    manifest.put("settings", Map.of("standardize", "tf"));
    model(List.of("benign", "malignant"));
    List<Object> keys = new ArrayList<>();
    for (String method : methods) {
      keys.add(
          Map.of(
              "key",
              method,
              "name",
              method.equals("gradcam") ? "Grad-CAM" : "Saliency",
              "profile",
              "aucmedi",
              "options",
              Map.of("relu", "true"),
              "layers",
              List.of("conv2"),
              "folder",
              ""));
    }
    manifest.put("methods", keys);
    manifest.put("machine", Map.of("os", "Linux", "processors", 2));
    manifest.put("summary", Map.of("explained", 1, "seconds", 60));
  }

  RunFolder model(List<String> classNames) {
    manifest.put(
        "model",
        Map.of(
            "path",
            "models/net.pt",
            "sha256",
            "00ff",
            "bytes",
            1234,
            "engine",
            "PyTorch",
            "engineVersion",
            "2.7.1",
            "classNames",
            classNames));
    return this;
  }

  RunFolder set(String name, Object value) {
    manifest.put(name, value);
    return this;
  }

  /** A record of a sample; {@code more} are its other fields, in JSON. */
  RunFolder sample(String name, String method, String more) {
    JsonObject fields = GSON.fromJson(more, JsonObject.class);
    if (!fields.has("maps")) {
      fields.add("maps", new JsonArray());
    }
    for (JsonElement map : fields.getAsJsonArray("maps")) {
      if (!map.getAsJsonObject().has("diagnostics")) {
        map.getAsJsonObject().add("diagnostics", new JsonObject());
      }
    }
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("sample", name);
    record.put("file", "/images/" + name);
    record.put("method", method);
    fields.entrySet().forEach(e -> record.put(e.getKey(), e.getValue()));
    lines.add(GSON.toJson(record));
    return this;
  }

  /** An explained sample with one map of class 1. */
  RunFolder explained(String name, String method, double score) {
    return sample(
        name,
        method,
        """
        {"status": "explained", "shape": [4, 6], "outputs": [%s, %s],
         "maps": [{"label": "1", "score": %s, "status": "OK", "diagnostics": {}, "rawMin": 0,
                   "rawMax": 2, "files": []}], "milliseconds": 12}
        """
            .formatted(1 - score, score, score));
  }

  RunFolder image(String name, int[] shape, int channels, float[] values, Geometry geometry) {
    Sprite sprite =
        Sprite.of(
            ImageArray.of(shape, channels, values, SampleType.UINT8).withGeometry(geometry),
            DisplayWindow.NONE);
    pictures.writePicture(
        ReportPictures.imageName(name), sprite.picture(), sprite.layout().toJson());
    return this;
  }

  RunFolder map(String name, String method, String label, int[] shape, float[] values, float high) {
    Sprite sprite = Sprite.ofMap(ImageArray.of(shape, 1, values, SampleType.FLOAT), 0, high);
    pictures.writePicture(
        ReportPictures.mapName(name, method, label), sprite.picture(), sprite.layout().toJson());
    return this;
  }

  /** Writes the manifest and the records. */
  Path write() throws IOException {
    Files.writeString(folder.resolve("manifest.json"), GSON.toJson(manifest));
    Files.writeString(folder.resolve("samples.jsonl"), String.join("\n", lines) + "\n");
    return folder;
  }
}
