package org.aucmedi.xai.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.manifest.Sha256;
import org.jspecify.annotations.Nullable;

/** Finds the pictures of one sample: those that the run kept, or else its files. */
final class SamplePictures {

  private final Path output;
  private final String name;
  private final JsonObject record;
  private final Consumer<String> problems;

  /**
   * Constructs it.
   *
   * @param output the output folder of the run
   * @param name the sample's name
   * @param record one of its records
   * @param problems told what cannot be shown, and why
   */
  SamplePictures(Path output, String name, JsonObject record, Consumer<String> problems) {
    this.output = output;
    this.name = name;
    this.record = record;
    this.problems = problems;
  }

  /** {@return the image that maps lie on, or null if it is not known any more} */
  PictureFiles.@Nullable Loaded image() {
    PictureFiles.Loaded kept = PictureFiles.read(folder().resolve(ReportPictures.imageName(name)));
    return kept == null ? source(true) : kept;
  }

  /** {@return the image as its file has it, or null if that is not readable or not the same} */
  PictureFiles.@Nullable Loaded source() {
    return source(false);
  }

  /**
   * The image itself, where it is still what the run read.
   *
   * @param below whether maps lie on it, so that it has to have their size
   */
  private PictureFiles.@Nullable Loaded source(boolean below) {
    try {
      Path file = Path.of(RunContents.text(record, "file"));
      if (!Files.exists(file)) {
        return null;
      }
      if (!Sha256.of(file).digits().equals(RunContents.text(record, "sha256"))) {
        problems.accept("an image has changed since the run, and is not shown");
        return null;
      }
      ImageArray source = ImageLoader.load(file, false);
      return below && !Arrays.equals(source.spatialShape(), shape())
          ? null
          : PictureFiles.encoded(Sprite.of(source, DisplayWindow.AUTO));
    } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      // What has cost the run an image must not cost the page.
      return null;
    }
  }

  private int[] shape() {
    return RunContents.array(record, "shape").asList().stream()
        .mapToInt(JsonElement::getAsInt)
        .toArray();
  }

  /**
   * {@return a map that the run kept for pages, or null}
   *
   * @param of the record of the sample and the map's method
   * @param map what the record says of the map
   */
  PictureFiles.@Nullable Loaded keptMap(JsonObject of, JsonObject map) {
    return PictureFiles.read(
        folder()
            .resolve(
                ReportPictures.mapName(
                    name, RunContents.text(of, "method"), RunContents.text(map, "label"))));
  }

  /** {@return the first file of a map that is there, or null} */
  @Nullable Path fileOf(JsonObject map) {
    for (JsonElement file : RunContents.array(map, "files")) {
      Path path = inside(file.getAsString());
      if (path != null && Files.isRegularFile(path)) {
        return path;
      }
    }
    return null;
  }

  /** A file below the output folder, whatever a manifest says. */
  private @Nullable Path inside(String file) {
    try {
      Path path = output.resolve(file).normalize();
      return path.startsWith(output.normalize()) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private Path folder() {
    return output.resolve(ReportPictures.FOLDER);
  }
}
