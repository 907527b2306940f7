package org.aucmedi.xai.cli;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.FileIdentity;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.manifest.ManifestFile;
import org.aucmedi.xai.manifest.RunFiles;

/** The images below the paths of a command line, a name for each, and what was left out. */
final class ImageFiles {

  private static final Set<String> SYSTEM_NAMES =
      ImmutableSet.of("__macosx", "@eadir", "thumbs.db", "desktop.ini");

  private final boolean series;
  private final List<Found> found = new ArrayList<>();
  private final Set<Path> knownFiles = new HashSet<>();
  private final Map<String, Integer> filesLeftOut = new TreeMap<>();
  private final Map<String, List<String>> foldersLeftOut = new TreeMap<>();
  private final ImmutableMap<String, Path> files;

  private ImageFiles(List<Path> paths, Path output, boolean series) {
    this.series = series;
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        new Search(path, output).run();
      } else if (isNew(path)) {
        found.add(new Found(path, 1));
      }
    }
    files = name(found);
  }

  private ImageFiles(Map<String, Path> named) {
    series = false;
    files = ImmutableMap.copyOf(named);
  }

  /** {@return images that have their names already} */
  static ImageFiles of(Map<String, Path> named) {
    return new ImageFiles(named);
  }

  /**
   * Lists images.
   *
   * <p>A file is taken whatever it turns out to be. A folder is searched for files with the
   * extension of an image; links to folders are followed, each folder is searched once. A search
   * leaves out the output folder, maps that this program wrote, and what is hidden. A file is
   * listed once, however many paths lead to it.
   *
   * @param paths files and folders
   * @param output where the maps go
   * @param series whether a folder of slices is one image, which takes the place of its files; the
   *     folders in it are searched nonetheless
   * @return the images, those of a folder in alphabetical order
   * @throws XAIException if a folder among the paths cannot be searched
   */
  static ImageFiles find(List<Path> paths, Path output, boolean series) {
    return new ImageFiles(paths, output, series);
  }

  /** Lists images; each file is one of its own. */
  static ImageFiles find(List<Path> paths, Path output) {
    return new ImageFiles(paths, output, false);
  }

  /** Returns whether some files lie in a folder of slices that may be one volume. */
  boolean haveSlices() {
    return files.values().stream()
        .filter(Files::isRegularFile)
        .map(file -> file.toAbsolutePath().getParent())
        .distinct()
        .anyMatch(ImageLoader::isSupported);
  }

  /**
   * Returns the images by name: a file's own name, or its path below the folder that was searched.
   * Files of one name have as many of their parent folders before it as tell them apart.
   */
  Map<String, Path> files() {
    return files;
  }

  /**
   * Tells what was found and left out, by kind.
   *
   * @return one or two clauses, such as "3 files left out: 2 .tif, 1 .txt"; empty if nothing was
   */
  String leftOut() {
    List<String> clauses = new ArrayList<>();
    int count = filesLeftOut.values().stream().mapToInt(Integer::intValue).sum();
    if (count > 0) {
      clauses.add(
          counted(count, "file")
              + " left out: "
              + filesLeftOut.entrySet().stream()
                  .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                  .map(kind -> kind.getValue() + " " + kind.getKey())
                  .collect(Collectors.joining(", ")));
    }
    int folders = foldersLeftOut.values().stream().mapToInt(List::size).sum();
    if (folders > 0) {
      clauses.add(
          counted(folders, "folder")
              + " not searched: "
              + foldersLeftOut.entrySet().stream()
                  .map(kind -> kind.getKey() + " " + String.join(", ", kind.getValue()))
                  .collect(Collectors.joining("; ")));
    }
    return String.join("; ", clauses);
  }

  /** Tells what was found, by format, how large it is, and what was left out. */
  String summary() {
    Map<String, Integer> kinds = new TreeMap<>();
    long bytes = 0;
    for (Path file : files.values()) {
      kinds.merge(format(file), 1, Integer::sum);
      bytes += bytes(file);
    }
    String rest = leftOut();
    return files.size()
        + " ("
        + kinds.entrySet().stream()
            .map(kind -> kind.getValue() + " " + kind.getKey())
            .collect(Collectors.joining(", "))
        + "), "
        + Amounts.bytes(bytes)
        + (rest.isEmpty() ? "" : "; " + rest);
  }

  private static String format(Path file) {
    if (Files.isDirectory(file)) {
      return "series";
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    String extension = MoreFiles.getFileExtension(file).toLowerCase(Locale.ROOT);
    return name.endsWith(".nii.gz") ? "nii.gz" : extension.isEmpty() ? "others" : extension;
  }

  private static long bytes(Path file) {
    try {
      if (!Files.isDirectory(file)) {
        return Files.size(file);
      }
      long sum = 0;
      for (Path slice : MoreFiles.listFiles(file)) {
        sum += Files.isRegularFile(slice) ? Files.size(slice) : 0;
      }
      return sum;
    } catch (IOException e) {
      return 0;
    }
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private boolean isNew(Path file) {
    return knownFiles.add(FileIdentity.of(file));
  }

  private static ImmutableMap<String, Path> name(List<Found> found) {
    List<Found> named = new ArrayList<>(found);
    while (true) {
      Map<String, List<Integer>> byName = new LinkedHashMap<>();
      for (int i = 0; i < named.size(); i++) {
        byName.computeIfAbsent(named.get(i).name(), name -> new ArrayList<>()).add(i);
      }
      List<Integer> ambiguous =
          byName.values().stream()
              .filter(group -> group.size() > 1)
              .flatMap(List::stream)
              .filter(i -> named.get(i).canGrow())
              .toList();
      if (ambiguous.isEmpty()) {
        break;
      }
      ambiguous.forEach(i -> named.set(i, named.get(i).grow()));
    }
    // Names in another character set may look the same to the end.
    Map<String, Path> files = new LinkedHashMap<>();
    for (Found image : named) {
      String name = image.name();
      for (int n = 2; files.putIfAbsent(name, image.file()) != null; n++) {
        name = image.name() + "~" + n;
      }
    }
    return ImmutableMap.copyOf(files);
  }

  /**
   * A file and how many parts of its path are its name.
   *
   * @param parts at least 1
   */
  private record Found(Path file, int parts) {

    String name() {
      Path path = path();
      int count = path.getNameCount();
      return IntStream.range(Math.max(0, count - parts), count)
          .mapToObj(i -> path.getName(i).toString())
          .collect(Collectors.joining("/"));
    }

    boolean canGrow() {
      return parts < path().getNameCount();
    }

    Found grow() {
      return new Found(file, parts + 1);
    }

    private Path path() {
      return file.toAbsolutePath();
    }
  }

  /** The search of one folder. */
  private final class Search {

    private final Path root;
    private final Path output;
    private final boolean belowOutput;
    private final Set<Path> searched = new HashSet<>();
    private final Deque<Path> links = new ArrayDeque<>();
    private final List<Found> images = new ArrayList<>();

    Search(Path root, Path output) {
      this.root = root;
      this.output = FileIdentity.of(output);
      belowOutput = FileIdentity.of(root).startsWith(this.output);
    }

    /** Links come after what is really there, so that a file is named by its real place. */
    void run() {
      searchFolder(root);
      while (!links.isEmpty()) {
        visit(links.remove());
      }
      images.sort(Comparator.comparing(Found::file));
      found.addAll(images);
    }

    private void searchFolder(Path folder) {
      if (FileIdentity.of(folder).startsWith(output) && !belowOutput) {
        leaveOutFolder("output", folder);
        return;
      }
      if (!searched.add(FileIdentity.of(folder))) {
        return;
      }
      List<Path> entries;
      try (Stream<Path> list = Files.list(folder)) {
        entries = list.sorted().toList();
      } catch (IOException | UncheckedIOException e) {
        IOException cause = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
        String reason = FileErrors.reason(cause);
        if (folder.equals(root)) {
          throw new XAIException("cannot search the folder " + root + ": " + reason, e);
        }
        leaveOutFolder("unreadable", folder);
        return;
      }
      boolean isVolume = series && ImageLoader.isSupported(folder);
      if (isVolume) {
        Path named = folder.toAbsolutePath().normalize();
        images.add(new Found(named, Math.max(1, root.relativize(folder).getNameCount())));
      }
      for (Path entry : entries) {
        if (isVolume && !Files.isDirectory(entry)) {
          continue;
        }
        if (Files.isSymbolicLink(entry)) {
          links.add(entry);
        } else {
          visit(entry);
        }
      }
    }

    private void visit(Path entry) {
      boolean folder = Files.isDirectory(entry);
      if (isHidden(entry)) {
        if (folder) {
          leaveOutFolder("hidden", entry);
        } else {
          leaveOut("hidden");
        }
      } else if (folder) {
        searchFolder(entry);
      } else if (!Files.exists(entry)) {
        leaveOut("behind a broken link");
      } else if (!Files.isRegularFile(entry)) {
        leaveOut("special");
      } else if (isRecord(entry)) {
        return;
      } else if (!ImageLoader.isSupported(entry)) {
        leaveOut(kind(entry));
      } else if (OutputFolder.wrote(entry)) {
        leaveOut("written by an earlier run");
      } else if (!isNew(entry)) {
        leaveOut("given twice");
      } else {
        images.add(new Found(entry, root.relativize(entry).getNameCount()));
      }
    }

    private void leaveOut(String kind) {
      filesLeftOut.merge(kind, 1, Integer::sum);
    }

    private void leaveOutFolder(String kind, Path folder) {
      foldersLeftOut.computeIfAbsent(kind, k -> new ArrayList<>()).add(folder.toString());
    }
  }

  /** Whether a file is the record of a run beside its manifest; nobody takes it for an image. */
  private static boolean isRecord(Path file) {
    RunFiles run = RunFiles.ofRecord(file);
    return run != null && ManifestFile.isOurs(run.manifest());
  }

  private static boolean isHidden(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".") || SYSTEM_NAMES.contains(name.toLowerCase(Locale.ROOT));
  }

  private static String kind(Path file) {
    String extension = Ascii.toLowerCase(MoreFiles.getFileExtension(file));
    return extension.isEmpty() ? "without extension" : "." + extension;
  }
}
