package org.aucmedi.xai.decoder.image;

import java.util.Locale;
import java.util.OptionalInt;

/** Names the files of maps after their samples. */
public final class OutputName {

  private static final String COMPRESSED_NIFTI = ".nii.gz";

  private OutputName() {}

  /**
   * Names a file: path separators become dots, the class goes before the extension.
   *
   * <p>{@code cls/a.png} as npy for class 0 is {@code cls.a.class_0.npy}; {@code .nii.gz} counts as
   * one extension.
   *
   * @param sample the sample's name, with its extension if it has one
   * @param extension the extension of the output, without a dot; empty for none
   * @param classIndex the class, or empty where there is one map per sample
   * @return the name, without any folder
   */
  public static String of(String sample, String extension, OptionalInt classIndex) {
    String path = sample.replace('\\', '/');
    String file = path.substring(path.lastIndexOf('/') + 1);
    String stem = path.substring(0, path.length() - extensionLength(file)).replace('/', '.');
    return stem
        + (classIndex.isPresent() ? ".class_" + classIndex.getAsInt() : "")
        + (extension.isEmpty() ? "" : "." + extension);
  }

  private static int extensionLength(String name) {
    if (name.toLowerCase(Locale.ROOT).endsWith(COMPRESSED_NIFTI)) {
      return COMPRESSED_NIFTI.length();
    }
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.length() - dot : 0;
  }
}
