///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-imaging-medical:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Resample;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.imaging.drawing.MapPainter;
import org.aucmedi.xai.imaging.drawing.VolumeView;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * A NIfTI volume of voxels of 1 x 1 x 4 mm goes in, the model gets voxels of 2 x 2 x 4 mm, and the
 * map comes out as NIfTI that lies on the volume in any viewer.
 *
 * <p>The picture shows the three cuts through the peak of the map in true proportions. The peak
 * lies at the edge of the bright ball that is the lesion, not in its middle: the map is coarse, and
 * says where to look, not where something ends.
 */
public final class Volume {

  private Volume() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    Path output = Path.of(args.length > 1 ? args[1] : "lessons");

    Path written;
    try (ExplainableModel model = ExplainableModel.load(files.resolve("volume.pt"))) {
      DataGenerator generator =
          DataGenerator.builder()
              .addSamples(files, List.of("volume.nii.gz"))
              .addSubfunction(Resample.to(4, 2, 2)) // z, y, x
              .optStandardize(Standardize.Z_SCORE)
              .build();
      DecoderResult result =
          XAIDecoder.builder()
              .setModel(model)
              .setGenerator(generator)
              .optMethod("gradcam")
              .optProfile(Profile.PAPER)
              .optPreprocessOverlay(false) // on the volume as it was loaded
              .optOutput(output, OutputFormat.NIFTI)
              .build()
              .decode();
      written = result.files().get(0);
    }

    ImageArray volume = ImageLoader.load(files.resolve("volume.nii.gz"), false);
    ImageArray map = ImageLoader.load(written, false);
    Geometry place = map.geometry();
    System.out.println("volume " + Arrays.toString(volume.spatialShape()) + ", " + place);
    System.out.println("the map has the same geometry: " + place.equals(volume.geometry()));
    int peak = 0;
    for (int i = 0; i < map.values().length; i++) {
      peak = map.values()[i] > map.values()[peak] ? i : peak;
    }
    int[] shape = map.spatialShape();
    int slice = peak / (shape[1] * shape[2]);
    double[] position = place.position(peak % shape[2], peak / shape[2] % shape[1], slice);
    System.out.printf(
        Locale.ROOT,
        "peak at %.1f mm left, %.1f mm posterior, %.1f mm superior%n",
        position[0],
        position[1],
        position[2]);
    Drawing cuts = Drawing.DEFAULT.withVolumeView(VolumeView.CUTS).withAlpha(0.4f);
    System.out.println(
        OutputFolder.open(output, List.of())
            .writePicture(
                "volume.png", new MapPainter(cuts).picture(volume, map, RawScale.IDENTITY)));
  }
}
