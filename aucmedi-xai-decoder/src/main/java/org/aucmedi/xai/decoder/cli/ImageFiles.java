package org.aucmedi.xai.decoder.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.decoder.image.ImageLoader;

/** Finds the images below the paths of a command line, and a name for each. */
final class ImageFiles {

  private ImageFiles() {}

  /**
   * Lists images. A file is named by itself, even if it turns out not to be an image; a folder is
   * searched for image files, which are named by their paths inside it.
   *
   * @param paths files and folders
   * @return the files by name, folders in alphabetical order
   * @throws XAIException if a folder cannot be searched
   */
  static Map<String, Path> find(List<Path> paths) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Path path : paths) {
      if (!Files.isDirectory(path)) {
        add(files, path.getFileName().toString(), path);
        continue;
      }
      try (Stream<Path> tree = Files.walk(path)) {
        tree.filter(Files::isRegularFile)
            .filter(ImageLoader::isSupported)
            .sorted()
            .forEach(file -> add(files, path.relativize(file).toString(), file));
      } catch (IOException | UncheckedIOException e) {
        throw new XAIException("cannot search the folder " + path + ": " + e.getMessage(), e);
      }
    }
    return files;
  }

  /** Two files of one name keep their whole paths as names. */
  private static void add(Map<String, Path> files, String name, Path file) {
    String portable = name.replace(File.separatorChar, '/');
    Path other = files.get(portable);
    if (other == null) {
      files.put(portable, file);
    } else if (!other.equals(file)) {
      files.put(file.normalize().toString().replace(File.separatorChar, '/'), file);
    }
  }
}
