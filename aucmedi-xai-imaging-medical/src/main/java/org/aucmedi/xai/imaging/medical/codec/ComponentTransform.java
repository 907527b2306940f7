package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.List;

/** The inverse transforms of the first three components (T.800, Annex G). */
final class ComponentTransform {

  private ComponentTransform() {}

  /** Transforms the first three of these components in place. */
  static void invert(List<InverseWavelet> components) throws IOException {
    InverseWavelet y = components.get(0);
    InverseWavelet u = components.get(1);
    InverseWavelet v = components.get(2);
    if (y instanceof ReversibleWavelet a
        && u instanceof ReversibleWavelet b
        && v instanceof ReversibleWavelet c
        && a.samples().length == b.samples().length
        && a.samples().length == c.samples().length) {
      invertReversible(a.samples(), b.samples(), c.samples());
    } else if (y instanceof IrreversibleWavelet a
        && u instanceof IrreversibleWavelet b
        && v instanceof IrreversibleWavelet c
        && a.samples().length == b.samples().length
        && a.samples().length == c.samples().length) {
      invertIrreversible(a.samples(), b.samples(), c.samples());
    } else {
      throw new IOException(
          "its JPEG 2000 data is damaged: components of different kinds are transformed together");
    }
  }

  /** RCT (G.2). */
  private static void invertReversible(int[] a, int[] b, int[] c) {
    for (int i = 0; i < a.length; i++) {
      int green = a[i] - ((b[i] + c[i]) >> 2);
      a[i] = c[i] + green;
      c[i] = b[i] + green;
      b[i] = green;
    }
  }

  /** ICT (G.3). */
  private static void invertIrreversible(float[] a, float[] b, float[] c) {
    for (int i = 0; i < a.length; i++) {
      float y = a[i];
      float cb = b[i];
      float cr = c[i];
      a[i] = y + 1.402f * cr;
      b[i] = y - 0.344_13f * cb - 0.714_14f * cr;
      c[i] = y + 1.772f * cb;
    }
  }
}
