package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

/** Builds and checks seeds. */
final class Seeds {

  private Seeds() {}

  static float[] oneHot(int classIndex, int classes) {
    check(classIndex, classes);
    float[] seed = new float[classes];
    seed[classIndex] = 1;
    return seed;
  }

  static void check(int classIndex, int classes) {
    checkArgument(
        classIndex >= 0 && classIndex < classes,
        "class index %s is out of range: the model has %s",
        classIndex,
        classes == 1 ? "one class, 0" : classes + " classes, 0 to " + (classes - 1));
  }
}
