package org.aucmedi.xai.model;

/** Where a model expects the channel axis of its input batch. */
public enum ChannelLayout {
  /** (N, C, H, W) or (N, C, D, H, W): PyTorch, MXNet, DJL's blocks. */
  CHANNELS_FIRST,
  /** (N, H, W, C) or (N, D, H, W, C): TensorFlow. */
  CHANNELS_LAST;

  /**
   * Returns the channel axis of a batch.
   *
   * @param rank the batch's number of axes
   * @return the index of the channel axis
   */
  public int axis(int rank) {
    return this == CHANNELS_FIRST ? 1 : rank - 1;
  }
}
