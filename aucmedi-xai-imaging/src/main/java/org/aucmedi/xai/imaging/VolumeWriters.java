package org.aucmedi.xai.imaging;

import com.google.common.base.Ascii;
import com.google.common.base.Suppliers;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.aucmedi.xai.model.Services;
import org.jspecify.annotations.Nullable;

/** The {@link VolumeWriter}s on the class path. */
public final class VolumeWriters {

  private static final Supplier<List<VolumeWriter>> WRITERS =
      Suppliers.memoize(() -> Services.load(VolumeWriter.class));

  private VolumeWriters() {}

  /**
   * {@return the writer of files with an extension}
   *
   * @param extension the extension, such as {@code nii.gz}
   * @throws IllegalArgumentException if there is none on the class path
   */
  public static VolumeWriter forExtension(String extension) {
    return WRITERS.get().stream()
        .filter(writer -> writer.extension().equals(extension))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "nothing on the class path writes ."
                        + extension
                        + "; add aucmedi-xai-imaging-medical, or write npy"));
  }

  /** The writer whose extension a file has, or null. */
  static @Nullable VolumeWriter of(Path file) {
    String name = Ascii.toLowerCase(String.valueOf(file.getFileName()));
    return WRITERS.get().stream()
        .filter(writer -> name.endsWith("." + writer.extension()))
        .findFirst()
        .orElse(null);
  }
}
