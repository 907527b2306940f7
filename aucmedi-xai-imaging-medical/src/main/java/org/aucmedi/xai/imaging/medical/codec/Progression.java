package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A progression of packets: one entry of the marker segment POC (T.800, A.6.6 and B.12.2).
 *
 * @param firstResolution the first resolution
 * @param firstComponent the first component
 * @param layerEnd the layer after the last
 * @param resolutionEnd the resolution after the last
 * @param componentEnd the component after the last
 * @param order the order within
 */
record Progression(
    int firstResolution,
    int firstComponent,
    int layerEnd,
    int resolutionEnd,
    int componentEnd,
    ProgressionOrder order) {

  /** {@return a progression over all packets} */
  static Progression all(ProgressionOrder order) {
    return new Progression(0, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, order);
  }

  /** Reads a marker segment POC. */
  static List<Progression> read(CodestreamBytes poc, int componentCount) throws IOException {
    boolean wide = componentCount > 256;
    List<Progression> progressions = new ArrayList<>();
    while (poc.remaining() > 0) {
      int firstResolution = poc.u8();
      int firstComponent = wide ? poc.u16() : poc.u8();
      int layerEnd = poc.u16();
      int resolutionEnd = poc.u8();
      int componentEnd = wide ? poc.u16() : poc.u8();
      progressions.add(
          new Progression(
              firstResolution,
              firstComponent,
              layerEnd,
              resolutionEnd,
              // One byte cannot say 256, so 0 does.
              componentEnd == 0 ? componentCount : componentEnd,
              ProgressionOrder.of(poc.u8())));
    }
    return progressions;
  }

  boolean contains(int component, int resolution) {
    return component >= firstComponent
        && component < componentEnd
        && resolution >= firstResolution
        && resolution < resolutionEnd;
  }
}
