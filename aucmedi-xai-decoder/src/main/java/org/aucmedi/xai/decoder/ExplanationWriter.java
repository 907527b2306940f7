package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.imaging.OutputFolder;

/**
 * Writes the maps of explanations as files whose names no two samples share, over nothing but maps
 * of earlier runs.
 */
final class ExplanationWriter {

  private final OutputFolder folder;
  private final OutputFormat format;
  private final boolean overlay;
  private final float alpha;
  private final boolean singleClass;
  private final OutputNames names;

  /**
   * Makes the folder.
   *
   * @throws XAIException if it cannot be made
   */
  ExplanationWriter(
      Path folder,
      OutputFormat format,
      boolean overlay,
      float alpha,
      boolean singleClass,
      DataGenerator generator) {
    this.folder = OutputFolder.open(folder, generator.files());
    this.format = format;
    this.overlay = overlay;
    this.alpha = alpha;
    this.singleClass = singleClass;
    names =
        new OutputNames(
            generator.samples(), format.extension(), !singleClass, this.folder.inputNames());
  }

  /**
   * Checks, before a sample's maps are computed, what can be known of them.
   *
   * @param index the sample
   * @param image the image that an overlay is drawn on
   * @throws IllegalArgumentException if its maps cannot be written in this format
   * @throws XAIException if its file would replace one that this program did not write
   */
  void check(int index, ImageArray image) {
    if (format == OutputFormat.PNG) {
      checkPlane(image.spatialRank());
      if (overlay) {
        Overlay.check(image);
      }
    }
    if (singleClass) {
      folder.check(names.name(index));
    }
  }

  List<Path> write(int index, Explanation explanation) {
    List<Path> files = new ArrayList<>();
    for (ClassMap map : explanation.maps()) {
      String name = singleClass ? names.name(index) : names.name(index, map.classIndex());
      files.add(write(name, explanation.image(), map));
    }
    return files;
  }

  private Path write(String name, ImageArray image, ClassMap map) {
    int[] shape = map.shape();
    if (format == OutputFormat.NPY) {
      return folder.writeArray(name, shape, map.values());
    }
    checkPlane(shape.length);
    return folder.writePicture(
        name,
        overlay
            ? Overlay.blend(image, map.values(), alpha)
            : Overlay.gray(map.values(), shape[0], shape[1]));
  }

  private static void checkPlane(int spatialRank) {
    checkArgument(spatialRank == 2, "a volume cannot be written as a picture; write it as npy");
  }
}
