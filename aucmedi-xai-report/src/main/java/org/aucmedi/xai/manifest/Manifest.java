package org.aucmedi.xai.manifest;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run: what it was asked to do, with what, and how it ended. What became of each
 * sample is in the {@link SampleRecord}s.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}
 * @param program what wrote it
 * @param status how far the run is
 * @param reason why it was interrupted or has failed; null otherwise
 * @param command the command line
 * @param started when it began, ISO-8601 in UTC; of a resumed run, when it was first begun
 * @param ended when it ended, null while it runs; may lie before the start if the clock was set
 *     back
 * @param settings every option in effect that changes the results, by its name without dashes
 * @param model the explained model
 * @param methods in the order of the command line
 * @param samples how many samples the run has, of a shard those of the shard
 * @param shard which part of the samples, such as "3/16"; null for all of them
 * @param machine where it runs
 * @param summary counts so far
 */
public record Manifest(
    String format,
    int version,
    Program program,
    RunStatus status,
    @Nullable String reason,
    List<String> command,
    String started,
    @Nullable String ended,
    Map<String, String> settings,
    Model model,
    List<Method> methods,
    int samples,
    @Nullable String shard,
    Machine machine,
    Summary summary) {

  /** The format's name, by which the file is known. */
  public static final String FORMAT = "aucmedi-xai-manifest";

  /** The format's version. */
  public static final int VERSION = 1;

  /** Copies the lists and the map, in their order. */
  public Manifest {
    command = List.copyOf(command);
    settings = ordered(settings);
    methods = List.copyOf(methods);
  }

  /**
   * The program that ran.
   *
   * @param name its name
   * @param version its version
   */
  public record Program(String name, String version) {}

  /**
   * The explained model.
   *
   * @param path its file or folder, as given
   * @param sha256 of the file in hexadecimal digits, see {@link Sha256}
   * @param bytes its size
   * @param engine DJL's name of the engine that runs it
   * @param engineVersion the engine's version
   * @param inputShape the declared shape of a batch, -1 where any size is taken; null if it
   *     declares none
   * @param classNames the names of its classes, null if they are unknown
   */
  public record Model(
      String path,
      String sha256,
      long bytes,
      String engine,
      String engineVersion,
      @Nullable List<Long> inputShape,
      @Nullable List<String> classNames) {

    /** Copies the lists. */
    public Model {
      inputShape = inputShape == null ? null : List.copyOf(inputShape);
      classNames = classNames == null ? null : List.copyOf(classNames);
    }
  }

  /**
   * One of the methods.
   *
   * @param key its key, as {@link SampleRecord#method()} has it
   * @param name its name, for instance "Grad-CAM"
   * @param profile whose defaults it has
   * @param options every option as in effect
   * @param layers the layers that it has looked at so far
   * @param folder where its maps are, relative to the output folder; empty for that folder itself
   */
  public record Method(
      String key,
      String name,
      String profile,
      Map<String, String> options,
      List<String> layers,
      String folder) {

    /** Copies the list and the map, in their order. */
    public Method {
      options = ordered(options);
      layers = List.copyOf(layers);
    }

    /** {@return the same method, having looked at other layers} */
    public Method withLayers(List<String> used) {
      return new Method(key, name, profile, options, used, folder);
    }
  }

  /**
   * The machine.
   *
   * @param os the operating system and its version
   * @param arch the processor's architecture
   * @param processors how many processors Java may use
   * @param java the version of Java
   * @param maxMemory the bytes that Java's heap may take
   */
  public record Machine(String os, String arch, int processors, String java, long maxMemory) {}

  /**
   * Counts of the whole run, with what earlier runs had done where it was resumed.
   *
   * @param explained samples that have what was asked of every method
   * @param unexplained samples of which the target selects nothing, and that did not fail
   * @param failed samples that failed with one method or more
   * @param warned maps whose status is not OK
   * @param maps maps written
   * @param seconds the time it took, without pauses between runs
   */
  public record Summary(
      int explained, int unexplained, int failed, int warned, int maps, double seconds) {}

  /** {@return the same manifest with another status and its reason} */
  public Manifest withStatus(
      RunStatus changed, @Nullable String why, @Nullable String end, Summary counts) {
    return new Manifest(
        format, version, program, changed, why, command, started, end, settings, model, methods,
        samples, shard, machine, counts);
  }

  /** {@return the same manifest with other methods} */
  public Manifest withMethods(List<Method> changed) {
    return new Manifest(
        format, version, program, status, reason, command, started, ended, settings, model, changed,
        samples, shard, machine, summary);
  }

  /** {@return whether a folder has the manifest of a whole run} */
  public static boolean isIn(Path outputFolder) {
    return ManifestFile.isOurs(RunFiles.of(outputFolder).manifest());
  }

  /**
   * Reads the manifest of a whole run.
   *
   * @param outputFolder the run's output folder
   * @return the manifest
   * @throws org.aucmedi.xai.error.XAIException if there is none, or it cannot be read
   */
  public static Manifest read(Path outputFolder) {
    return ManifestFile.read(RunFiles.of(outputFolder).manifest());
  }

  private static Map<String, String> ordered(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
