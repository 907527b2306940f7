package org.aucmedi.xai.engine.tensorflow;

import ai.djl.engine.Engine;
import ai.djl.tensorflow.engine.TfEngineProvider;

/**
 * DJL's TensorFlow engine, started with the native libraries on the classpath if there are any.
 *
 * <p>DJL takes the first provider of a name that it finds.
 */
public final class TensorFlowEngineProvider extends TfEngineProvider {

  /** Constructs the provider; ServiceLoader calls this. */
  public TensorFlowEngineProvider() {}

  @Override
  public Engine getEngine() {
    TensorFlowNative.prepareIfFound();
    return super.getEngine();
  }
}
