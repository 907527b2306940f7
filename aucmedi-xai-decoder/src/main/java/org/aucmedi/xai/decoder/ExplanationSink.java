package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.array.ImageArray;

/**
 * Takes the maps of a run as they are made: to files, a report, a service. The maps of one sample
 * come one after the other, in the order of its objectives; those of several samples may come at
 * the same time, on several threads.
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
   * Checks what can be known of a sample's maps before they are computed.
   *
   * @param sample the sample
   * @throws RuntimeException if its maps cannot be taken; the sample fails and the rest goes on
   */
  default void check(Sample sample) {}

  /**
   * Takes a map.
   *
   * @param sample the sample
   * @param map its map, in the size that the decoder was asked for
   * @return the files written for it, if any
   * @throws RuntimeException if it cannot be taken; the sample fails and the rest goes on
   */
  List<Path> accept(Sample sample, Heatmap map);
}
