package org.aucmedi.xai.decoder;

import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;

/**
 * Follows a run in progress. Calls come one at a time, on the thread that {@linkplain
 * XAIDecoder#decode() decodes}. Everything reported about samples is also in the {@link
 * DecoderResult}, unless the run ends with an exception. An exception thrown by a listener ends the
 * run; files already written stay, and maps being written are still reported.
 */
public interface DecoderListener {

  /**
   * Called when a sample has failed.
   *
   * @param failure the sample and the reason
   */
  default void failed(Failed failure) {}

  /**
   * Called when a map has been made whose status is not OK.
   *
   * @param warning the map and its status
   */
  default void warned(Warning warning) {}

  /**
   * Called when a sink has taken a map.
   *
   * @param sample the sample's name
   * @param map what was written
   */
  default void written(String sample, WrittenMap map) {}

  /**
   * Called when the target selects nothing for a sample, which therefore has no map.
   *
   * @param sample the sample's name
   */
  default void unexplained(String sample) {}

  /**
   * Called once for each sample when nothing more will become of it, after the calls above.
   *
   * @param sample what became of it
   */
  default void completed(CompletedSample sample) {}

  /**
   * Called after every batch, and within it after the passes of a method that needs many.
   *
   * @param samples how many samples have been explained; the maps of the last of them may not be
   *     written yet, unless it is the last of all
   * @param total how many there are
   * @param pass how much of the work for the image in progress is done, from 0 to 1
   * @throws java.util.concurrent.CancellationException to end the run
   */
  default void progressed(int samples, int total, double pass) {}
}
