package org.aucmedi.xai.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Standardize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which images a command works on, and how they are prepared for the model. */
final class ImageOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--images",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "images, and folders of images: png, jpeg, tiff, bmp, gif, npy, npz")
  private List<Path> paths;

  @Option(
      names = "--resize",
      paramLabel = "HxW",
      converter = SizeConverter.class,
      description =
          "the size that the model gets (HxW or DxHxW); by default the image's own, or the input of"
              + " AUCMEDI's model")
  private @Nullable Size resize;

  @Option(
      names = "--standardize",
      paramLabel = "MODE",
      converter = StandardizeConverter.class,
      description =
          "how pixel values are scaled: tf (-1 to 1), rescale (0 to 1), torch, caffe, z-score (default,"
              + " except for AUCMEDI's model folders, which tell), minmax, grayscale, none; or with"
              + " numbers of your own, one or one per channel: 'mean=M[,M];std=S[,S]' in units of"
              + " pixel values, 'rescale;mean=M[,M];std=S[,S]' after division by 255")
  private @Nullable Standardize standardize;

  @Option(
      names = "--axes",
      paramLabel = "HWC|CHW|DHW|...",
      converter = AxesConverter.class,
      description =
          "the order of the axes of npy and npz files: H, W, and C (channels) or D (depth) where they have"
              + " them; needed where their shape may mean two things")
  private @Nullable ImageAxes axes;

  @Option(names = "--grayscale", description = "load pictures as one grey channel")
  private boolean grayscale;

  @Option(
      names = "--exif-orientation",
      description =
          "turn jpeg and png pictures as their EXIF data says; by default pixels are taken as stored,"
              + " as AUCMEDI does, with a warning")
  private boolean exifOrientation;

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      paramLabel = "N",
      description =
          "images per pass at most; large images make it smaller (default: ${DEFAULT-VALUE})")
  private int batchSize;

  /**
   * Finds the images.
   *
   * @param output what is not searched
   * @throws ParameterException if there are none
   */
  ImageFiles find(Path output) {
    ImageFiles found = ImageFiles.find(paths, output);
    if (found.files().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no image below "
              + paths
              + (found.leftOut().isEmpty() ? "" : " (" + found.leftOut() + ")")
              + "; give files of "
              + String.join(", ", ImageLoader.extensions()));
    }
    return found;
  }

  /**
   * Makes a generator of images.
   *
   * @param defaults what the model asks for where no option says otherwise
   */
  DataGenerator generator(ImageFiles images, DataGenerator.Builder defaults) {
    defaults.optAxes(axes).optBatchSize(batchSize);
    if (standardize != null) {
      defaults.optStandardize(standardize);
    }
    if (grayscale) {
      defaults.optGrayscale(true);
    }
    if (exifOrientation) {
      defaults.optExifOrientation(true);
    }
    if (resize != null) {
      defaults.optResize(resize.axes());
    }
    images.files().forEach(defaults::addSample);
    return defaults.build();
  }

  /** A spatial shape; picocli would take a bare array for a repeated option. */
  private record Size(int[] axes) {}

  /** Reads {@code --resize}. */
  private static final class SizeConverter implements ITypeConverter<Size> {

    @Override
    public Size convert(String value) {
      if (!value.matches("[1-9]\\d{0,5}(x[1-9]\\d{0,5}){1,2}")) {
        throw new TypeConversionException(
            "'" + value + "' is no size; write HxW or DxHxW, for instance 224x224");
      }
      return new Size(Arrays.stream(value.split("x")).mapToInt(Integer::parseInt).toArray());
    }
  }

  /** Reads {@code --axes}. */
  private static final class AxesConverter extends TextConverter<ImageAxes> {
    AxesConverter() {
      super(ImageAxes::of);
    }
  }

  /** Reads {@code --standardize}. */
  private static final class StandardizeConverter extends TextConverter<Standardize> {
    StandardizeConverter() {
      super(Standardize::of);
    }
  }
}
