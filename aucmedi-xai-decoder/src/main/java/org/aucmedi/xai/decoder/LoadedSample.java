package org.aucmedi.xai.decoder;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Placement;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.jspecify.annotations.Nullable;

/** A sample after loading. */
sealed interface LoadedSample {

  /** Its position among the samples. */
  int index();

  /** Returns the number of values it holds. */
  long values();

  /**
   * A sample that can be explained.
   *
   * @param sample its name, and the image that an overlay is drawn on
   * @param input the image as passed to the model
   * @param back takes a map to the image that an overlay is drawn on; null to resize it to that
   */
  record Ready(ExplanationSink.Sample sample, ImageArray input, @Nullable Placement back)
      implements LoadedSample {

    @Override
    public int index() {
      return sample.index();
    }

    @Override
    public long values() {
      ImageArray image = sample.image();
      return MemoryLimit.valuesOf(image) + (input == image ? 0 : MemoryLimit.valuesOf(input));
    }

    boolean sameInputShape(Ready other) {
      return input.channels() == other.input.channels()
          && Arrays.equals(input.spatialShape(), other.input.spatialShape());
    }
  }

  /**
   * A sample that could not be loaded.
   *
   * @param index its position among the samples
   * @param failure its name and the reason
   */
  record Unloadable(int index, Failed failure) implements LoadedSample {

    @Override
    public long values() {
      return 0;
    }

    /** Returns whether memory ran out, possibly because of another sample. */
    boolean ranOutOfMemory() {
      return failure.cause() instanceof OutOfMemoryError;
    }
  }
}
