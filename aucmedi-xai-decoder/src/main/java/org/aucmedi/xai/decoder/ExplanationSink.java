package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.array.ImageArray;

/**
 * Receives the maps of a run as they are computed, for instance to write files or a report. The
 * maps of one sample arrive one after the other, in the order of its objectives. Maps of different
 * samples may arrive concurrently on several threads.
 */
@FunctionalInterface
public interface ExplanationSink {

  /**
   * A sample of the run.
   *
   * @param index its position among the samples
   * @param name its name
   * @param image the image that an overlay is drawn on
   */
  record Sample(int index, String name, ImageArray image) {}

  /**
   * Checks a sample before its maps are computed.
   *
   * @param sample the sample
   * @throws RuntimeException if its maps cannot be accepted; the sample fails and the run continues
   */
  default void check(Sample sample) {}

  /**
   * Accepts a map.
   *
   * @param sample the sample
   * @param map its map, in the size requested from the decoder
   * @return the files written for it, if any
   * @throws RuntimeException if the map cannot be accepted; the sample fails and the run continues
   */
  List<Path> accept(Sample sample, Heatmap map);
}
