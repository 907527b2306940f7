package org.aucmedi.xai.manifest;

import static com.google.common.base.MoreObjects.firstNonNull;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;

/** Reads and writes the file of a {@link Manifest}. */
public final class ManifestFile {

  private ManifestFile() {}

  /**
   * Writes a manifest, whole or not at all, over an earlier one.
   *
   * @param file the file
   * @param manifest the manifest
   * @throws XAIException if it cannot be written, or would replace a file that is no manifest
   */
  public static void write(Path file, Manifest manifest) {
    checkReplaceable(file);
    byte[] json = (Json.PRETTY.toJson(manifest) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFiles.write(file, out -> out.write(json));
    } catch (IOException e) {
      throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
    }
  }

  /**
   * Checks that a manifest may be written.
   *
   * @param file the file
   * @throws XAIException if something else is there
   */
  public static void checkReplaceable(Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isOurs(file)) {
      throw new XAIException(
          "cannot write "
              + file
              + ": what is there is no manifest of this program; move it away or choose another"
              + " output folder");
    }
  }

  /**
   * {@return whether a file is a manifest that this program wrote, of any version}
   *
   * @param file any file
   */
  public static boolean isOurs(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Manifest.FORMAT.equals(format(parse(file)));
    } catch (IOException | JsonParseException e) {
      return false;
    }
  }

  /**
   * Reads a manifest.
   *
   * @param file the file
   * @return the manifest
   * @throws XAIException if it cannot be read, is no manifest, is damaged, or of a later version
   */
  public static Manifest read(Path file) {
    try {
      JsonElement tree = parse(file);
      if (!Manifest.FORMAT.equals(format(tree))) {
        throw new XAIException(file + " is no manifest of this program");
      }
      Manifest manifest = Json.LINE.fromJson(tree, Manifest.class);
      if (manifest.version() > Manifest.VERSION) {
        throw new XAIException(
            file
                + " is of version "
                + manifest.version()
                + ", and this program reads up to "
                + Manifest.VERSION
                + "; use a newer one");
      }
      return manifest;
    } catch (IOException e) {
      throw new XAIException("cannot read " + file + ": " + FileErrors.reason(e), e);
    } catch (XAIException e) {
      throw e;
    } catch (RuntimeException e) {
      // Gson wraps what a record's constructor throws.
      throw new XAIException(
          "the manifest " + file + " is damaged: " + firstNonNull(e.getMessage(), e), e);
    }
  }

  private static JsonElement parse(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file));
  }

  private static String format(JsonElement tree) {
    JsonElement format = tree instanceof JsonObject object ? object.get("format") : null;
    return format != null && format.isJsonPrimitive() ? format.getAsString() : "";
  }
}
