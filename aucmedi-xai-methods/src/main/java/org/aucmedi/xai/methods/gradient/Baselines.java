package org.aucmedi.xai.methods.gradient;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.methods.Baseline;

/**
 * Reference images to draw from.
 *
 * @param name their text form
 * @param all the baselines, at least one
 */
public record Baselines(String name, List<Baseline> all) {

  /** Copies and checks the baselines. */
  public Baselines {
    Objects.requireNonNull(name, "name");
    all = ImmutableList.copyOf(all);
    checkArgument(!all.isEmpty(), "there must be at least one baseline");
  }

  /**
   * Lists baselines.
   *
   * @param baselines at least one
   * @return these
   */
  public static Baselines of(Baseline... baselines) {
    List<Baseline> all = ImmutableList.copyOf(baselines);
    return new Baselines(all.stream().map(Baseline::toString).collect(joining(",")), all);
  }

  /**
   * Reads baselines.
   *
   * @param text a folder with {@code .npy} files, or what {@link Baseline#parse} takes, several
   *     with commas
   * @return the files of the folder, in the order of their names, or those baselines
   * @throws IllegalArgumentException if the text is none of these, or the folder has no such file
   */
  public static Baselines parse(String text) {
    checkArgument(!text.isBlank());
    Path folder = Path.of(text);
    if (!Files.isDirectory(folder)) {
      return new Baselines(text, Arrays.stream(text.split(",", -1)).map(Baseline::parse).toList());
    }
    try (Stream<Path> files = Files.list(folder)) {
      return new Baselines(
          text,
          files
              .filter(file -> file.getFileName().toString().endsWith(".npy"))
              .filter(Files::isRegularFile)
              .sorted()
              .<Baseline>map(Baseline.NpyFile::new)
              .toList());
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot list " + folder, e);
    }
  }

  static MethodOption<Baselines> option(Baselines defaults) {
    return MethodOption.of(
            "baselines",
            "images to start from",
            Baselines.class,
            "a number in the units of the standardised image, min, max, mean, blur, an existing"
                + " .npy file, several of these with commas, or a folder with .npy files",
            Baselines::parse)
        .check(Objects::requireNonNull)
        .defaults(defaults);
  }

  @Override
  public String toString() {
    return name;
  }
}
