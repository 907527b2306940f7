package org.aucmedi.xai.cli;

import java.util.Arrays;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.imaging.Chromer;
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

/** How images are prepared for the model. */
class PreparationOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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

  /** The command that has these options. */
  final CommandSpec spec() {
    return spec;
  }

  /**
   * Starts a generator, without images.
   *
   * @param model asks for what no option says otherwise
   */
  final DataGenerator.Builder preparation(LoadedModel model) {
    if (grayscale && subfunctions.converts(Chromer.GRAYSCALE)) {
      throw new ParameterException(
          spec.commandLine(),
          "--grayscale loads pictures as one channel, which --chromer grayscale cannot convert; give"
              + " one of them");
    }
    DataGenerator.Builder defaults = model.generator(subfunctions.steps());
    defaults.optAxes(axes).optVolume(volume);
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
    return defaults;
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
