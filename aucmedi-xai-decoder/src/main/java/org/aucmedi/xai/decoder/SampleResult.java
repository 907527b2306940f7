package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.array.ImageArray;

/** The outcome of a sample. */
public sealed interface SampleResult {

  /** {@return the sample's name} */
  String sample();

  /**
   * A sample whose maps are kept.
   *
   * @param sample the sample's name
   * @param image the image that an overlay is drawn on
   * @param maps one per objective; none if the target selects nothing for this image
   */
  record Explained(String sample, ImageArray image, List<Heatmap> maps) implements SampleResult {

    /** Copies the list. */
    public Explained {
      maps = List.copyOf(maps);
    }
  }

  /**
   * A sample whose maps went to a sink.
   *
   * @param sample the sample's name
   * @param maps one per objective; none if the target selects nothing for this image
   */
  record Written(String sample, List<WrittenMap> maps) implements SampleResult {

    /** Copies the list. */
    public Written {
      maps = List.copyOf(maps);
    }
  }

  /**
   * A sample that could not be explained.
   *
   * @param sample the sample's name
   * @param stage where it failed
   * @param reason what went wrong, and what to do
   * @param cause the exception or error
   * @param written what was written before
   */
  record Failed(
      String sample, Stage stage, String reason, Throwable cause, List<WrittenMap> written)
      implements SampleResult {

    /** Copies the list. */
    public Failed {
      written = List.copyOf(written);
    }
  }

  /**
   * A map that went to a sink.
   *
   * @param label what is explained, for instance the class
   * @param score the model's output for it
   * @param status what to know before trusting the map
   * @param files what the sink wrote, if it writes files
   */
  record WrittenMap(String label, float score, MapStatus status, List<Path> files) {

    /** Copies the list. */
    public WrittenMap {
      files = List.copyOf(files);
    }
  }

  /** Where a sample failed. */
  enum Stage {
    /** Its file cannot be read or prepared, or cannot be drawn or written as asked. */
    LOADING,
    /** The model or the method fails on it. */
    EXPLAINING,
    /** A map cannot be resized, drawn or written. */
    WRITING
  }
}
