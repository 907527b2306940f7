package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.AtomicFiles;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.FileIdentity;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.ManifestFile;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.aucmedi.xai.manifest.SampleRecords;
import org.jspecify.annotations.Nullable;

/** The output folder of a run: locked for it, and free of results that it would mix with. */
final class RunFolder implements AutoCloseable {

  private final RunFiles files;
  private final RunOptions options;
  private final Map<String, String> settings;
  private @Nullable RunLock lock;
  private @Nullable Manifest earlier;
  private boolean resuming;

  /**
   * Locks the folder if it is there.
   *
   * @throws XAIException if another run has it, or it has results that the options say nothing of
   */
  RunFolder(Path output, RunOptions options, Map<String, String> settings) {
    this(options, settings, output);
    if (Files.isDirectory(output)) {
      lock();
    }
  }

  private RunFolder(RunOptions options, Map<String, String> settings, Path output) {
    files = new RunFiles(output, options.shard() == null ? null : options.shard().toString());
    this.options = options;
    this.settings = settings;
  }

  /** Says why a run would not begin in a folder, which is neither locked nor changed. */
  static Optional<String> refusal(Path output, RunOptions options, Map<String, String> settings) {
    try {
      if (Files.isDirectory(output)) {
        RunFolder look = new RunFolder(options, settings, output);
        look.checkOthers();
        var unused = look.check();
      }
      return Optional.empty();
    } catch (XAIException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  RunFiles files() {
    return files;
  }

  /** Returns the run that is resumed, or null. */
  @Nullable Manifest resumed() {
    return resuming ? earlier : null;
  }

  /** Makes and locks the folder, if that is still to be done. */
  void make() {
    if (lock == null) {
      OutputFolder.make(files.folder());
      lock();
    }
  }

  private void lock() {
    RunLock taken = RunLock.take(files.lock());
    lock = taken;
    try {
      checkOthers();
      earlier = check();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    if (taken.killed().isPresent() && files.shard() == null) {
      removeTemporary(taken.killed().getAsLong());
    }
  }

  /** Other parts in the folder are of the same run. */
  private void checkOthers() {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(files.folder(), "manifest*.json")) {
      for (Path file : found) {
        RunFiles other = RunFiles.ofManifest(file);
        if (other != null
            && !Objects.equals(other.shard(), files.shard())
            && ManifestFile.isOurs(file)) {
          checkOther(file, ManifestFile.read(file));
        }
      }
    } catch (IOException e) {
      throw new XAIException(
          "cannot read the output folder " + files.folder() + ": " + FileErrors.reason(e), e);
    }
  }

  private void checkOther(Path file, Manifest other) {
    String differences = RunSettings.differences(other.settings(), settings);
    if (differences.isEmpty() && !sameCount(other.shard(), files.shard())) {
      differences = "--shard (" + other.shard() + " then, " + files.shard() + " now)";
    }
    if (!differences.isEmpty()) {
      throw new XAIException(
          file
              + " is of a run with other settings: "
              + differences
              + "; choose another output folder");
    }
  }

  private static boolean sameCount(@Nullable String one, @Nullable String other) {
    return one == null || other == null || Shard.of(one).count() == Shard.of(other).count();
  }

  /** Returns the manifest of an earlier run whose results may be taken over or removed. */
  private @Nullable Manifest check() {
    ManifestFile.checkReplaceable(files.manifest());
    if (!Files.exists(files.manifest(), LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(files.samples(), LinkOption.NOFOLLOW_LINKS)) {
        throw new XAIException(
            "cannot write "
                + files.samples()
                + ": it is there without the manifest of its run; move it away or choose another"
                + " output folder");
      }
      return null;
    }
    Manifest found = ManifestFile.read(files.manifest());
    if (options.overwrite() || !hasMaps(found)) {
      return found;
    }
    String differences = RunSettings.differences(found.settings(), settings);
    if (!differences.isEmpty()) {
      throw new XAIException(
          files.folder()
              + " has results of a run with other settings: "
              + differences
              + "; choose another output folder, or --overwrite to begin anew");
    }
    if (!options.resume()) {
      throw new XAIException(
          files.folder()
              + " has results of this run already"
              + (found.status() == RunStatus.FINISHED ? "" : ", which did not finish")
              + "; --resume does what is missing, --overwrite begins anew");
    }
    resuming = true;
    return found;
  }

  private boolean hasMaps(Manifest found) {
    boolean[] any = {found.summary().maps() > 0};
    if (!any[0]) {
      SampleRecords.read(files.samples(), (record, line, at) -> any[0] |= !record.maps().isEmpty());
    }
    return any[0];
  }

  /**
   * Refuses to go on with another model.
   *
   * @param sha256 of the model
   */
  void checkModel(String sha256) {
    if (resumed() != null && !resumed().model().sha256().equals(sha256)) {
      throw new XAIException(
          files.folder()
              + " has results of another model ("
              + resumed().model().path()
              + ", SHA-256 "
              + resumed().model().sha256()
              + " then, "
              + sha256
              + " now); choose another output folder, or --overwrite to begin anew");
    }
  }

  /**
   * Removes what an earlier run says it wrote, if it carries the mark, and its record.
   *
   * @param inputs the images of this run, which stay
   */
  void clear(List<Path> inputs) {
    if (earlier == null) {
      return;
    }
    Set<Path> kept = new HashSet<>();
    inputs.forEach(input -> kept.add(FileIdentity.of(input)));
    Path root = files.folder().toAbsolutePath().normalize();
    SampleRecords.read(
        files.samples(),
        (record, line, offset) ->
            record.maps().stream()
                .flatMap(map -> map.files().stream())
                .map(file -> root.resolve(file).normalize())
                .filter(file -> file.startsWith(root) && !kept.contains(FileIdentity.of(file)))
                .filter(OutputFolder::wrote)
                .forEach(RunFolder::delete));
    delete(files.samples());
    earlier
        .methods()
        .forEach(
            method -> {
              Path folder = root.resolve(method.folder()).normalize();
              if (folder.startsWith(root) && !folder.equals(root)) {
                deleteIfEmpty(folder);
              }
            });
    earlier = null;
  }

  private void removeTemporary(long pid) {
    AtomicFiles.removeThoseOf(files.folder(), pid);
    if (earlier != null) {
      for (Manifest.Method method : earlier.methods()) {
        AtomicFiles.removeThoseOf(files.folder().resolve(method.folder()), pid);
      }
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new XAIException("cannot remove " + file + ": " + FileErrors.reason(e), e);
    }
  }

  private static void deleteIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Something is in it, which stays.
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
