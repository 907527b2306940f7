package org.aucmedi.xai.decoder;

/** What the decoder writes for each map. */
public enum OutputFormat {
  /** An 8-bit picture: the overlay, or the heatmap in grey. Two-dimensional images only. */
  PNG("png"),
  /** The numbers: a float32 NumPy array of the map's spatial shape. */
  NPY("npy");

  private final String extension;

  OutputFormat(String extension) {
    this.extension = extension;
  }

  /**
   * Returns the file name extension.
   *
   * @return the extension, without a dot
   */
  public String extension() {
    return extension;
  }
}
