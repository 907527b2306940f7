package org.aucmedi.xai.engine.tensorflow;

/**
 * A tensor of a TensorFlow graph.
 *
 * @param operation the name of the operation that makes it
 * @param index which of its outputs
 */
record Endpoint(String operation, int index) {}
