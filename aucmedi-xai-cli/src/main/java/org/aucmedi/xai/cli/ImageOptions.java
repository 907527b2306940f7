package org.aucmedi.xai.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.InputInterface;
import org.aucmedi.xai.imaging.Chromer;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.Windowing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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
      description =
          "images, and folders of images: png, jpeg, tiff, bmp, gif, npy, npz, DICOM, NIfTI,"
              + " MetaImage, NRRD")
  private List<Path> paths;

  @Option(
      names = "--samples",
      paramLabel = "FILE.csv",
      description =
          "only the images that this file names, in its order: AUCMEDI's CSV file with a column"
              + " SAMPLE, names below the one folder of --images, with extension or without")
  private @Nullable Path samples;

  @Option(
      names = "--volume",
      paramLabel = "N",
      description = "which volume of files that hold a series of them, from 0")
  private @Nullable Integer volume;

  @Mixin private SubfunctionOptions subfunctions = new SubfunctionOptions();

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
              + " pixel values, 'rescale;mean=M[,M];std=S[,S]' after division by 255;"
              + " 'z-score;per-channel' (also minmax, grayscale) looks at each channel by itself")
  private @Nullable Standardize standardize;

  @Option(
      names = "--axes",
      paramLabel = "HWC|CHW|DHW|...",
      converter = AxesConverter.class,
      description =
          "the order of the axes of npy and npz files: H, W, and C (channels) or D (depth) where they have"
              + " them; needed where their shape may mean two things")
  private @Nullable ImageAxes axes;

  @Option(
      names = "--series",
      description =
          "each folder of DICOM slices is one volume, named after the folder; without this each"
              + " file is an image of its own")
  private boolean series;

  @Option(names = "--grayscale", description = "load pictures as one grey channel")
  private boolean grayscale;

  @Option(
      names = "--exif-orientation",
      description =
          "turn jpeg and png pictures as their EXIF data says; by default pixels are taken as stored,"
              + " as AUCMEDI does, with a warning")
  private boolean exifOrientation;

  @Option(
      names = "--input-window",
      paramLabel = "C,W|file",
      converter = WindowingConverter.class,
      description =
          "which values the model gets as 0 to 255: center and width, such as 40,400 in Hounsfield"
              + " units, or the window that each DICOM file has; by default values stay as they"
              + " are")
  private @Nullable Windowing window;

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      paramLabel = "N",
      description =
          "images per pass at most; large images make it smaller (default: ${DEFAULT-VALUE})")
  private int batchSize;

  /**
   * Finds the images, or those that --samples names.
   *
   * @param output what is not searched
   * @throws ParameterException if there are none
   * @throws org.aucmedi.xai.error.XAIException if the file of --samples cannot be read, or names an
   *     image that is missing
   */
  ImageFiles find(Path output) {
    for (Path path : paths) {
      // A list takes what follows it, be it an option whose name is misspelt.
      if (path.toString().startsWith("-") && !Files.exists(path)) {
        throw new ParameterException(
            spec.commandLine(), Typo.unknown(spec.commandLine().getCommandSpec(), path.toString()));
      }
    }
    if (samples != null) {
      if (paths.size() != 1 || !Files.isDirectory(paths.get(0))) {
        throw new ParameterException(
            spec.commandLine(),
            "--samples names images below one folder; give that folder as --images, got " + paths);
      }
      return ImageFiles.of(InputInterface.csv(paths.get(0), samples).files());
    }
    ImageFiles found = ImageFiles.find(paths, output, series);
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

  /** Returns what to do where no image suits the model, or nothing that can be told. */
  String hint(ImageFiles images) {
    return !series && images.haveSlices()
        ? "; if the DICOM slices of a folder are one volume, add --series"
        : "";
  }

  /**
   * Makes a generator of images.
   *
   * @param model asks for what no option says otherwise
   */
  DataGenerator generator(ImageFiles images, LoadedModel model) {
    if (grayscale && subfunctions.converts(Chromer.GRAYSCALE)) {
      throw new ParameterException(
          spec.commandLine(),
          "--grayscale loads pictures as one channel, which --chromer grayscale cannot convert; give"
              + " one of them");
    }
    DataGenerator.Builder defaults = model.generator(subfunctions.steps());
    defaults.optAxes(axes).optBatchSize(batchSize).optVolume(volume);
    if (standardize != null) {
      defaults.optStandardize(standardize);
    }
    if (window != null) {
      defaults.optWindow(window);
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

  /** Reads {@code --input-window}. */
  private static final class WindowingConverter extends TextConverter<Windowing> {
    WindowingConverter() {
      super(Windowing::of);
    }
  }

  /** Reads {@code --standardize}. */
  private static final class StandardizeConverter extends TextConverter<Standardize> {
    StandardizeConverter() {
      super(Standardize::of);
    }
  }
}
