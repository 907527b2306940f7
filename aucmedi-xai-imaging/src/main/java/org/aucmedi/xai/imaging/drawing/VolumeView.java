package org.aucmedi.xai.imaging.drawing;

/** How a volume becomes one picture. */
public enum VolumeView {
  /** Slices along the volume's first axis, side by side, with their numbers. */
  MONTAGE,
  /** The three orthogonal slices through the map's peak, with a cross-hair at it. */
  CUTS
}
