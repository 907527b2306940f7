package org.aucmedi.xai.report;

import com.google.common.io.MoreFiles;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page has of one sample.
 *
 * @param row what the table needs, and the records
 * @param media the pictures, as JSON that is read when the sample is looked at
 * @param problems what cannot be shown, and why
 */
record SampleView(JsonObject row, String media, List<String> problems) {

  private static final Gson GSON = new Gson();

  /** What belongs to the sample and not to one method. */
  private static final List<String> OF_THE_SAMPLE =
      List.of("sample", "file", "bytes", "sha256", "shape");

  /**
   * Gathers what is known of a sample.
   *
   * @param output the output folder of the run
   * @param id its number in the page, from 1
   * @param name its name
   * @param records one per method, at least one
   */
  static SampleView of(Path output, int id, String name, List<JsonObject> records) {
    return new Builder(output, name, records).build(id);
  }

  private static final class Builder {

    private final String name;
    private final List<JsonObject> records;
    private final List<String> problems = new ArrayList<>();
    private final SamplePictures pictures;
    private final JsonObject maps = new JsonObject();
    private PictureFiles.@Nullable Loaded image;
    private @Nullable Sprite firstMap;
    private boolean firstIsPredicted;

    Builder(Path output, String name, List<JsonObject> records) {
      this.name = name;
      this.records = records;
      pictures = new SamplePictures(output, name, records.get(0), problems::add);
    }

    SampleView build(int id) {
      JsonObject row = new JsonObject();
      row.addProperty("id", id);
      row.addProperty("name", name);
      OF_THE_SAMPLE.stream().skip(1).forEach(field -> row.add(field, records.get(0).get(field)));
      JsonArray entries = new JsonArray();
      records.forEach(record -> entries.add(entry(record)));
      row.add("entries", entries);
      JsonObject media = new JsonObject();
      boolean explained = entries.asList().stream().anyMatch(Builder::hasMaps);
      image = explained ? pictures.image() : pictures.source();
      for (int i = 0; i < records.size(); i++) {
        addMaps(i, records.get(i));
      }
      media.add("maps", maps);
      if (image == null) {
        row.addProperty("unseen", true);
      } else {
        media.add("image", picture(image, false));
        row.addProperty("thumb", PictureFiles.thumbnailUrl(Thumbnail.of(image.sprite())));
      }
      if (firstMap != null) {
        row.addProperty(
            "overlay",
            PictureFiles.thumbnailUrl(
                Thumbnail.overlay(image == null ? null : image.sprite(), firstMap)));
      }
      return new SampleView(row, GSON.toJson(media), List.copyOf(problems));
    }

    private static JsonObject entry(JsonObject record) {
      JsonObject entry = record.deepCopy();
      OF_THE_SAMPLE.forEach(entry::remove);
      return entry;
    }

    private static boolean hasMaps(JsonElement entry) {
      return !RunContents.objects(entry.getAsJsonObject(), "maps").isEmpty();
    }

    private void addMaps(int index, JsonObject record) {
      List<JsonObject> made = RunContents.objects(record, "maps");
      for (int i = 0; i < made.size(); i++) {
        JsonObject map = made.get(i);
        PictureFiles.Loaded kept = pictures.keptMap(record, map);
        maps.add(index + "/" + i, kept == null ? fromFiles(map) : shown(kept, map));
      }
    }

    /** The thumbnail has the first map of the predicted class, or else the first of all. */
    private JsonObject shown(PictureFiles.Loaded map, JsonObject told) {
      boolean predicted = RunContents.text(told, "label").equals(predicted());
      if (firstMap == null || (predicted && !firstIsPredicted)) {
        firstMap = map.sprite();
        firstIsPredicted = predicted;
      }
      return picture(map, true);
    }

    /** The class of the largest output; empty if there are no outputs. */
    private String predicted() {
      for (JsonObject record : records) {
        List<Float> outputs =
            RunContents.array(record, "outputs").asList().stream()
                .map(output -> Float.parseFloat(output.getAsString()))
                .toList();
        if (!outputs.isEmpty()) {
          return String.valueOf(outputs.indexOf(Collections.max(outputs)));
        }
      }
      return "";
    }

    private static JsonObject picture(PictureFiles.Loaded picture, boolean exact) {
      JsonObject result = GSON.toJsonTree(picture.sprite().layout()).getAsJsonObject();
      result.addProperty("src", exact ? PictureFiles.exactUrl(picture) : PictureFiles.url(picture));
      return result;
    }

    /** A map of a run that kept no pictures for the page. */
    private JsonObject fromFiles(JsonObject map) {
      Path file = pictures.fileOf(map);
      return file == null ? missing("its file is not there any more") : fromFile(file, map);
    }

    private JsonObject fromFile(Path file, JsonObject map) {
      String extension = MoreFiles.getFileExtension(file);
      if (extension.equals("png") || extension.equals("gif")) {
        try {
          JsonObject drawn = new JsonObject();
          drawn.addProperty(
              "drawn", PictureFiles.url("image/" + extension, Files.readAllBytes(file)));
          return drawn;
        } catch (IOException e) {
          return missing("its file cannot be read");
        }
      }
      if (extension.equals("dcm")) {
        return missing("its numbers are in DICOM; a run with --report keeps pictures for the page");
      }
      Sprite numbers = MapFiles.read(file, map);
      return numbers == null
          ? missing("its file cannot be read")
          : shown(PictureFiles.encoded(numbers), map);
    }

    private JsonObject missing(String why) {
      problems.add("a map cannot be shown: " + why);
      JsonObject note = new JsonObject();
      note.addProperty("note", why);
      return note;
    }
  }
}
