package org.aucmedi.xai.engine.mxnet;

import ai.djl.engine.Engine;
import ai.djl.mxnet.engine.MxEngineProvider;

/**
 * DJL's own MXNet engine, started without oneDNN. DJL starts it when an MXNet model or manager is
 * opened, not when it lists engines.
 *
 * <p>DJL takes the first provider of a name that it finds.
 */
public final class MxNetEngineProvider extends MxEngineProvider {

  /** Constructs the provider; DJL calls this. */
  public MxNetEngineProvider() {}

  @Override
  public Engine getEngine() {
    OneDnn.switchOff();
    return super.getEngine();
  }
}
