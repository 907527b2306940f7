package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Warning;

/**
 * Follows a run while it goes on. The calls come one at a time, on the thread that {@linkplain
 * XAIDecoder#decode() decodes}; everything told is in the {@link DecoderResult} too, unless the run
 * ends with an exception.
 */
public interface DecoderListener {

  /**
   * Called when a sample has failed.
   *
   * @param failure the sample and the reason
   */
  default void failed(Failure failure) {}

  /**
   * Called when a map has been made whose status is not OK.
   *
   * @param warning the map and its status
   */
  default void warned(Warning warning) {}

  /**
   * Called when a file has been written.
   *
   * @param sample the sample's name
   * @param file the file
   */
  default void written(String sample, Path file) {}
}
