package org.aucmedi.xai.importer.onnx;

/** Thrown when a network that is made for a fixed number of images cannot take another. */
final class FixedBatchException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  FixedBatchException(String operator) {
    super(operator + " mixes images", null, false, false);
  }
}
