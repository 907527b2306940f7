package org.aucmedi.xai.decoder;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.OutputFolder;

/**
 * The files that a run would write, found out without writing: what {@link
 * XAIDecoder.Builder#optOutput} does with the same folder, format, target and images.
 */
public final class OutputPreview {

  private final Path folder;
  private final OutputFolder content;
  private final OutputNames names;
  private final boolean onePerSample;

  private OutputPreview(
      Path folder, OutputFolder content, OutputNames names, boolean onePerSample) {
    this.folder = folder;
    this.content = content;
    this.names = names;
    this.onePerSample = onePerSample;
  }

  /**
   * Looks at a folder, which may not exist.
   *
   * @param folder where the maps would go
   * @param format what would be written
   * @param target what would be explained
   * @param images the images
   * @return the preview
   */
  public static OutputPreview of(
      Path folder, OutputFormat format, Target target, DataGenerator images) {
    OutputFolder content = OutputFolder.look(folder, images.files());
    boolean onePerSample = target.equals(Target.argmax());
    return new OutputPreview(
        folder,
        content,
        new OutputNames(images.samples(), format.extension(), !onePerSample, content.inputNames()),
        onePerSample);
  }

  /**
   * Names the files of a sample.
   *
   * @param index the sample's position
   * @param labels what its maps explain, for instance the classes
   * @return the names, without the folder; one where the sample has one map in any case
   */
  public List<String> names(int index, List<String> labels) {
    return onePerSample
        ? List.of(names.name(index))
        : labels.stream().map(label -> names.name(index, label)).toList();
  }

  /**
   * {@return whether a file is there, of whatever kind}
   *
   * @param name a name, without the folder
   */
  public boolean exists(String name) {
    return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Says why a file would not be written.
   *
   * @param name a name, without the folder
   * @return the reason, or nothing if it would be written
   */
  public Optional<String> refusal(String name) {
    try {
      content.check(name);
      return Optional.empty();
    } catch (XAIException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
