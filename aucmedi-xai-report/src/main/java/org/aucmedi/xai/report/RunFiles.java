package org.aucmedi.xai.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;

/**
 * What a run has written about itself.
 *
 * @param manifest the run
 * @param samples what became of each sample, one record per method, by its name
 */
record RunFiles(JsonObject manifest, Map<String, List<JsonObject>> samples) {

  private static final String MANIFEST = "manifest.json";
  private static final String SAMPLES = "samples.jsonl";

  /**
   * Reads them.
   *
   * @param output the output folder of the run
   * @throws XAIException if there are none, or they are damaged
   */
  static RunFiles read(Path output) {
    Path manifest = output.resolve(MANIFEST);
    if (!Files.isRegularFile(manifest)) {
      throw new XAIException(
          "there is no "
              + MANIFEST
              + " in "
              + output
              + ", so it is not the output folder of a run; give the folder that 'explain --output'"
              + " wrote to");
    }
    try {
      JsonObject run = JsonParser.parseString(Files.readString(manifest)).getAsJsonObject();
      return new RunFiles(run, samples(output.resolve(SAMPLES)));
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new XAIException("cannot read " + manifest + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, List<JsonObject>> samples(Path file) throws IOException {
    Map<String, List<JsonObject>> samples = new LinkedHashMap<>();
    if (!Files.isRegularFile(file)) {
      return samples;
    }
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line; (line = lines.readLine()) != null; ) {
        JsonObject record = record(line);
        if (record != null) {
          samples.computeIfAbsent(text(record, "sample"), name -> new ArrayList<>()).add(record);
        }
      }
    }
    return samples;
  }

  /** The last line of an interrupted run may be torn. */
  private static @Nullable JsonObject record(String line) {
    try {
      JsonElement parsed = JsonParser.parseString(line);
      return parsed.isJsonObject() && parsed.getAsJsonObject().has("sample")
          ? parsed.getAsJsonObject()
          : null;
    } catch (JsonParseException e) {
      return null;
    }
  }

  static String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  /** {@return the objects of a list; none where there is no list} */
  static List<JsonObject> objects(JsonObject object, String name) {
    return array(object, name).asList().stream()
        .filter(JsonElement::isJsonObject)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  static JsonArray array(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value != null && value.isJsonArray() ? value.getAsJsonArray() : new JsonArray();
  }
}
