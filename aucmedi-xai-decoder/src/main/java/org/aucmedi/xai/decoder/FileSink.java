package org.aucmedi.xai.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Provenance;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.VolumeWriter;
import org.aucmedi.xai.imaging.VolumeWriters;

/** Writes maps as files whose names no two samples share, over nothing but maps of earlier runs. */
final class FileSink implements ExplanationSink {

  private final OutputFolder folder;
  private final OutputFormat format;
  private final boolean overlay;
  private final float alpha;
  private final boolean onePerSample;
  private final OutputNames names;
  private final List<Path> files;

  /**
   * Makes the folder.
   *
   * @param onePerSample whether every sample has one map, so that its file needs no class
   * @throws org.aucmedi.xai.error.XAIException if it cannot be made
   */
  FileSink(
      Path folder,
      OutputFormat format,
      boolean overlay,
      float alpha,
      boolean onePerSample,
      DataGenerator generator) {
    this.folder = OutputFolder.open(folder, generator.files());
    this.format = format;
    this.overlay = overlay;
    this.alpha = alpha;
    this.onePerSample = onePerSample;
    files = generator.files();
    names =
        new OutputNames(
            generator.samples(), format.extension(), !onePerSample, this.folder.inputNames());
  }

  @Override
  public void check(Sample sample) {
    if (format == OutputFormat.PNG) {
      checkPlane(sample.image().spatialRank());
      if (overlay) {
        Overlay.check(sample.image());
      }
    }
    if (onePerSample) {
      folder.check(names.name(sample.index()));
    }
  }

  @Override
  public List<Path> accept(Sample sample, Heatmap map) {
    String name =
        onePerSample
            ? names.name(sample.index())
            : names.name(sample.index(), map.objective().label());
    return List.of(write(name, sample, map));
  }

  private Path write(String name, Sample sample, Heatmap map) {
    ImageArray image = sample.image();
    int[] shape = map.shape();
    if (format == OutputFormat.NPY) {
      return folder.writeArray(name, shape, map.values());
    }
    if (format != OutputFormat.PNG) {
      Geometry geometry = image.geometry();
      return folder.writeVolume(
          name,
          ImageArray.wrap(shape, 1, map.values(), SampleType.FLOAT)
              .withGeometry(
                  geometry == null ? null : geometry.resized(image.spatialShape(), shape)),
          origin(sample, map),
          VolumeWriters.forExtension(format.extension()));
    }
    checkPlane(shape.length);
    return folder.writePicture(
        name,
        overlay
            ? Overlay.blend(image, map.values(), alpha)
            : Overlay.gray(map.values(), shape[0], shape[1]));
  }

  private VolumeWriter.Origin origin(Sample sample, Heatmap map) {
    Provenance provenance = map.provenance();
    return new VolumeWriter.Origin(
        files.get(sample.index()),
        provenance.method(),
        "class " + map.objective().label() + " by " + provenance,
        provenance.version());
  }

  private static void checkPlane(int spatialRank) {
    checkArgument(
        spatialRank == 2, "a volume cannot be written as a picture; write it as npy or nii.gz");
  }
}
