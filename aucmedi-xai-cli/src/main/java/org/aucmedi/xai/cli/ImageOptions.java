package org.aucmedi.xai.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.InputInterface;
import org.aucmedi.xai.imaging.ImageLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which images a command works on, and how they are prepared for the model. */
final class ImageOptions extends PreparationOptions {

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
      names = "--series",
      description =
          "each folder of DICOM slices is one volume, named after the folder; without this each"
              + " file is an image of its own")
  private boolean series;

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
            spec().commandLine(),
            Typo.unknown(spec().commandLine().getCommandSpec(), path.toString()));
      }
    }
    if (samples != null) {
      if (paths.size() != 1 || !Files.isDirectory(paths.get(0))) {
        throw new ParameterException(
            spec().commandLine(),
            "--samples names images below one folder; give that folder as --images, got " + paths);
      }
      return ImageFiles.of(InputInterface.csv(paths.get(0), samples).files());
    }
    ImageFiles found = ImageFiles.find(paths, output, series);
    if (found.files().isEmpty()) {
      throw new ParameterException(
          spec().commandLine(),
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
    DataGenerator.Builder generator = preparation(model).optBatchSize(batchSize);
    images.files().forEach(generator::addSample);
    return generator.build();
  }
}
