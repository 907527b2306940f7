package org.aucmedi.xai.engine.pytorch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Libtorch's gradient mode, which belongs to the calling thread. */
final class GradMode {

  private GradMode() {}

  /** Does some work in a mode and puts the thread's own mode back. */
  static <T> T with(boolean enabled, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
