package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.manifest.Manifest;
import org.aucmedi.xai.manifest.ManifestFile;
import org.aucmedi.xai.manifest.RunFiles;
import org.aucmedi.xai.manifest.RunStatus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Joins the records of a run's shards into one. */
@Command(
    name = "merge",
    description = "Joins the records of a run's shards (explain --shard) into one manifest.",
    footer = {
      "",
      "The maps stay where they are. Refused unless every shard is there once, has finished, and"
          + " has the same model and settings."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class MergeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "output folders of the shards; several shards may have one folder")
  private List<Path> folders;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "where the joined manifest goes (default: the one folder that is given)")
  private @Nullable Path output;

  @Option(names = "--overwrite", description = "replace a manifest that was joined before")
  private boolean overwrite;

  /** A shard's record. */
  private record Part(Shard shard, RunFiles files, Manifest manifest) {}

  @Override
  public Integer call() {
    if (output == null && folders.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "with several folders, name the one that gets the joined manifest: --output DIR");
    }
    Path target = output == null ? folders.get(0) : output;
    List<Part> parts = find();
    check(parts);
    if (!overwrite && Files.exists(RunFiles.of(target).manifest())) {
      throw new XAIException(
          RunFiles.of(target).manifest() + " is there already; give --overwrite to replace it");
    }
    Manifest joined;
    OutputFolder.make(target);
    RunLock lock = RunLock.take(RunFiles.of(target).lock());
    try {
      joined = join(parts);
      MergedRecords.write(
          RunFiles.of(target),
          joined.methods().stream().map(Manifest.Method::key).toList(),
          parts.stream().map(Part::files).toList());
      ManifestFile.write(RunFiles.of(target).manifest(), joined);
    } finally {
      lock.close();
    }
    spec.commandLine()
        .getOut()
        .println(
            parts.size()
                + " shards of "
                + joined.samples()
                + " images joined in "
                + Printable.of(RunFiles.of(target).manifest()));
    return joined.summary().failed() == 0 ? 0 : AucmediXai.SOME_FAILED;
  }

  /** The shards in the folders, in the order of their numbers. */
  private List<Part> find() {
    Map<Integer, Part> parts = new TreeMap<>();
    for (Path folder : new LinkedHashSet<>(folders)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "manifest-*.json")) {
        for (Path file : found) {
          RunFiles files = RunFiles.ofManifest(file);
          if (files != null && files.shard() != null) {
            Part part = new Part(Shard.of(files.shard()), files, ManifestFile.read(file));
            Part twin = parts.put(part.shard.number(), part);
            if (twin != null) {
              throw new XAIException(
                  "shard "
                      + files.shard()
                      + " is there twice: "
                      + twin.files.manifest()
                      + " and "
                      + file
                      + "; leave one of the folders out");
            }
          }
        }
      } catch (IOException e) {
        throw new XAIException("cannot read the folder " + folder + ": " + FileErrors.reason(e), e);
      }
    }
    if (parts.isEmpty()) {
      throw new XAIException(
          "there is no manifest of a shard in " + folders + "; run 'explain' with --shard first");
    }
    return List.copyOf(parts.values());
  }

  private static void check(List<Part> parts) {
    Part first = parts.get(0);
    Set<Integer> missing =
        new TreeSet<>(IntStream.rangeClosed(1, first.shard.count()).boxed().toList());
    for (Part part : parts) {
      Path file = part.files.manifest();
      if (part.shard.count() != first.shard.count()) {
        throw new XAIException(
            file
                + " is one of "
                + part.shard.count()
                + " shards, "
                + first.files.manifest()
                + " one of "
                + first.shard.count()
                + "; give the shards of one run");
      }
      String differences =
          RunSettings.differences(first.manifest.settings(), part.manifest.settings());
      if (!differences.isEmpty()) {
        throw new XAIException(
            file
                + " has other settings than "
                + first.files.manifest()
                + ": "
                + differences
                + "; give the shards of one run");
      }
      if (!part.manifest.model().sha256().equals(first.manifest.model().sha256())) {
        throw new XAIException(
            file
                + " is of another model ("
                + part.manifest.model().path()
                + ") than "
                + first.files.manifest()
                + " ("
                + first.manifest.model().path()
                + "); give the shards of one run");
      }
      if (part.manifest.status() != RunStatus.FINISHED) {
        throw new XAIException(
            file
                + " has not finished ("
                + part.manifest.status()
                + "); run that shard again with --resume");
      }
      missing.remove(part.shard.number());
    }
    if (!missing.isEmpty()) {
      throw new XAIException(
          "of "
              + first.shard.count()
              + " shards these are missing: "
              + missing
              + "; give their folders too");
    }
  }

  private Manifest join(List<Part> parts) {
    Manifest first = parts.get(0).manifest;
    return new Manifest(
        Manifest.FORMAT,
        Manifest.VERSION,
        first.program(),
        RunStatus.FINISHED,
        null,
        spec.root().commandLine().getParseResult().originalArgs(),
        parts.stream().map(part -> part.manifest.started()).min(String::compareTo).orElseThrow(),
        parts.stream()
            .map(part -> String.valueOf(part.manifest.ended()))
            .max(String::compareTo)
            .orElseThrow(),
        first.settings(),
        first.model(),
        methods(parts),
        (int) sum(parts, Manifest::samples),
        null,
        first.machine(),
        new Manifest.Summary(
            (int) sum(parts, part -> part.summary().explained()),
            (int) sum(parts, part -> part.summary().unexplained()),
            (int) sum(parts, part -> part.summary().failed()),
            (int) sum(parts, part -> part.summary().warned()),
            (int) sum(parts, part -> part.summary().maps()),
            sum(parts, part -> part.summary().seconds())));
  }

  private static double sum(List<Part> parts, Function<Manifest, Number> count) {
    return parts.stream().mapToDouble(part -> count.apply(part.manifest).doubleValue()).sum();
  }

  /** The methods, with the layers that any shard has looked at. */
  private static List<Manifest.Method> methods(List<Part> parts) {
    List<Manifest.Method> methods = new ArrayList<>();
    for (Manifest.Method method : parts.get(0).manifest.methods()) {
      Set<String> layers = new TreeSet<>();
      parts.forEach(
          part ->
              part.manifest.methods().stream()
                  .filter(other -> other.key().equals(method.key()))
                  .forEach(other -> layers.addAll(other.layers())));
      methods.add(method.withLayers(List.copyOf(layers)));
    }
    return methods;
  }
}
