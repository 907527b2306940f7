package org.aucmedi.xai.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.SampleRecords;

/**
 * What a run has written about itself, as the JSON that goes into the page.
 *
 * @param manifest the run
 * @param samples what became of each sample, one record per method, by its name
 */
record RunContents(JsonObject manifest, Map<String, List<JsonObject>> samples) {

  /**
   * Reads it.
   *
   * @param output the output folder of the run
   * @throws XAIException if there is none, or it is damaged
   */
  static RunContents read(Path output) {
    RunFiles files = RunFiles.of(output);
    if (!Files.isRegularFile(files.manifest())) {
      throw new XAIException(
          "there is no "
              + files.manifest().getFileName()
              + " in "
              + output
              + ", so it is not the output folder of a run; give the folder that 'explain --output'"
              + " wrote to");
    }
    // Its reader says what is wrong with it.
    Manifest.read(output);
    Map<String, List<JsonObject>> samples = new LinkedHashMap<>();
    SampleRecords.read(
        files.samples(),
        (record, line, offset) ->
            samples
                .computeIfAbsent(record.sample(), name -> new ArrayList<>())
                .add(parse(new String(line, StandardCharsets.UTF_8))));
    try {
      return new RunContents(parse(Files.readString(files.manifest())), samples);
    } catch (IOException e) {
      throw new XAIException("cannot read " + files.manifest() + ": " + FileErrors.reason(e), e);
    }
  }

  private static JsonObject parse(String json) {
    return JsonParser.parseString(json).getAsJsonObject();
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
