package org.aucmedi.xai.decoder;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.decoder.image.ImageWriter;
import org.aucmedi.xai.decoder.image.Npy;
import org.aucmedi.xai.decoder.image.OutputName;
import org.aucmedi.xai.decoder.image.Overlay;

/** Writes the maps of one explanation as files that no other sample's share a name with. */
final class ExplanationWriter {

  private final Path folder;
  private final OutputFormat format;
  private final boolean overlay;
  private final float alpha;
  private final boolean singleClass;
  private final List<String> samples;
  private final Set<String> ambiguous;

  ExplanationWriter(
      Path folder,
      OutputFormat format,
      boolean overlay,
      float alpha,
      boolean singleClass,
      List<String> samples) {
    this.folder = folder;
    this.format = format;
    this.overlay = overlay;
    this.alpha = alpha;
    this.singleClass = singleClass;
    this.samples = samples;
    this.ambiguous = ambiguous();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new XAIException("cannot create the output folder " + folder + ": " + e, e);
    }
  }

  List<Path> write(int index, Explanation explanation) {
    String sample = samples.get(index);
    if (ambiguous.contains(sample)) {
      throw new XAIException(
          "its output would have the name of another sample's, "
              + name(sample, OptionalInt.empty())
              + "; rename one of them");
    }
    List<Path> files = new ArrayList<>();
    for (ClassMap map : explanation.maps()) {
      OptionalInt classIndex = singleClass ? OptionalInt.empty() : OptionalInt.of(map.classIndex());
      Path file = folder.resolve(name(sample, classIndex));
      try {
        write(file, explanation, map);
      } catch (IOException e) {
        throw new XAIException("cannot write " + file + ": " + e, e);
      }
      files.add(file);
    }
    return files;
  }

  private void write(Path file, Explanation explanation, ClassMap map) throws IOException {
    if (format == OutputFormat.NPY) {
      Npy.write(file, map.shape(), map.values());
      return;
    }
    if (map.shape().length != 2) {
      throw new XAIException("a volume cannot be written as a picture; write it as npy");
    }
    ImageWriter.write(
        overlay
            ? Overlay.blend(explanation.image(), map.values(), alpha)
            : Overlay.gray(map.values(), map.shape()[0], map.shape()[1]),
        file);
  }

  private String name(String sample, OptionalInt classIndex) {
    return OutputName.of(sample, format.extension(), classIndex);
  }

  /** Samples such as a/b.png and a.b.png, whose flattened names are equal. */
  private Set<String> ambiguous() {
    Map<String, List<String>> byName = new HashMap<>();
    for (String sample : samples) {
      byName.computeIfAbsent(name(sample, OptionalInt.empty()), n -> new ArrayList<>()).add(sample);
    }
    return byName.values().stream()
        .filter(group -> group.size() > 1)
        .flatMap(group -> group.stream())
        .collect(Collectors.collectingAndThen(Collectors.toSet(), ImmutableSet::copyOf));
  }
}
