package org.aucmedi.xai.engine.mxnet;

import ai.djl.mxnet.engine.MxEngineProvider;

/**
 * DJL's own MXNet engine, loaded without oneDNN.
 *
 * <p>DJL constructs every provider before it loads an engine, so this is in time even where the
 * first MXNet model of a program is not loaded through this library.
 */
public final class MxNetEngineProvider extends MxEngineProvider {

  /** Constructs the provider; DJL calls this. */
  public MxNetEngineProvider() {
    OneDnn.switchOff();
  }
}
