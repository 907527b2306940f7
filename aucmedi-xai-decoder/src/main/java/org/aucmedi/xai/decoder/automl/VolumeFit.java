package org.aucmedi.xai.decoder.automl;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.Chromer;
import org.aucmedi.xai.imaging.Crop;
import org.aucmedi.xai.imaging.PadMode;
import org.aucmedi.xai.imaging.Padding;
import org.aucmedi.xai.imaging.Resample;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.Subfunction;

/**
 * AUCMEDI AutoML's steps for volumes: voxels of 1 mm where the file tells their size, grey values
 * from 0 to 255, zeros around them or a cut around the centre, and the one channel repeated.
 */
final class VolumeFit implements Subfunction {

  private static final Subfunction MILLIMETRES = Resample.to(1, 1, 1);

  private final int[] shape;
  private final int channels;

  /**
   * Constructs the steps.
   *
   * @param shape depth, height and width of the result
   * @param channels 1 or 3
   */
  VolumeFit(int[] shape, int channels) {
    this.shape = shape.clone();
    this.channels = channels;
  }

  @Override
  public Result apply(ImageArray volume, String sample) {
    checkArgument(
        volume.spatialRank() == 3 && volume.channels() == 1,
        "the model takes volumes of one channel, got %s with %s channels; declare the axes, for"
            + " instance --axes DHW",
        Arrays.toString(volume.spatialShape()),
        volume.channels());
    List<Subfunction> steps = new ArrayList<>();
    if (volume.geometry() != null) {
      steps.add(MILLIMETRES);
    }
    steps.add(Standardize.GRAYSCALE);
    steps.add(Padding.to(PadMode.CONSTANT, shape));
    steps.add(Crop.center(shape));
    if (channels == 3) {
      steps.add(Chromer.RGB);
    }
    return Subfunction.applyAll(steps, volume, sample);
  }
}
