package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Provenance;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.VolumeWriter;
import org.aucmedi.xai.imaging.VolumeWriters;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.imaging.drawing.MapPainter;

/** Writes maps as files whose names no two samples share, over nothing but maps of earlier runs. */
final class FileSink implements ExplanationSink {

  private final OutputFolder folder;
  private final OutputFormat format;
  private final MapPainter painter;
  private final boolean drawn;
  private final boolean onePerSample;
  private final OutputNames names;
  private final DataGenerator generator;

  /**
   * Makes the folder.
   *
   * @param onePerSample whether every sample has one map, so that its file needs no class
   * @throws org.aucmedi.xai.error.XAIException if it cannot be made
   */
  FileSink(
      Path folder,
      OutputFormat format,
      Drawing drawing,
      boolean onePerSample,
      DataGenerator generator) {
    this.folder = OutputFolder.open(folder, generator.files());
    this.format = format;
    painter = new MapPainter(drawing);
    drawn = format.draws(drawing);
    this.onePerSample = onePerSample;
    this.generator = generator;
    names =
        new OutputNames(
            generator.samples(), format.extension(), !onePerSample, this.folder.inputNames());
  }

  @Override
  public void check(Sample sample) {
    if (drawn) {
      painter.check(sample.image());
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
    if (format == OutputFormat.NPY) {
      return folder.writeArray(name, map.shape(), map.values());
    }
    ImageArray values = placed(map, image);
    if (format == OutputFormat.PNG) {
      return folder.writePicture(name, painter.picture(image, values, map.rawScale()));
    }
    if (format == OutputFormat.GIF) {
      return folder.writeAnimation(name, painter.frames(image, values, map.rawScale()));
    }
    return folder.writeVolume(
        name,
        drawn ? painter.colours(image, values) : values,
        origin(sample, map),
        VolumeWriters.forExtension(format.extension()));
  }

  private VolumeWriter.Origin origin(Sample sample, Heatmap map) {
    Provenance provenance = map.provenance();
    return new VolumeWriter.Origin(
        sample.name(),
        generator.file(sample.index()),
        provenance.method(),
        "class " + map.objective().label() + " by " + provenance,
        provenance.version());
  }

  /** The values where the image lies in the patient. */
  private static ImageArray placed(Heatmap map, ImageArray image) {
    int[] shape = map.shape();
    Geometry geometry = image.geometry();
    return ImageArray.wrap(shape, 1, map.values(), SampleType.FLOAT)
        .withGeometry(geometry == null ? null : geometry.resized(image.spatialShape(), shape));
  }
}
