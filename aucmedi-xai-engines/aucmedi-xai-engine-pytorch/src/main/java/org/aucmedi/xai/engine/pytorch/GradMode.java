package org.aucmedi.xai.engine.pytorch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Libtorch's gradient mode, which is thread-local. */
final class GradMode {

  private GradMode() {}

  /** Runs some work in a mode and restores the thread's mode. */
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
