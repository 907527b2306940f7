package org.aucmedi.xai.imaging;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.error.XAIException;

/**
 * The folder that maps are written to, in which no file of a user is ever replaced.
 *
 * <p>A file that is there is replaced only if this program wrote it, which a mark inside the file
 * tells: in a PNG or GIF the text {@code Software: AUCMEDI-XAI}, in an npy file the white space
 * that pads its header, in an HTML page a comment in its second line, in other formats what their
 * {@link VolumeWriter} knows. An empty file may be replaced as well. An image that is being
 * explained is not replaced even with the mark. Links are not replaced.
 *
 * <p>Files appear whole or not at all; what killed runs have left behind is removed. Safe for use
 * by several threads that write different files.
 */
public final class OutputFolder {

  private static final ImmutableMap<String, String> MARK =
      ImmutableMap.of(OutputMark.KEYWORD, OutputMark.SOFTWARE);

  private final Path folder;
  private final ImmutableSet<Path> inputs;

  private OutputFolder(Path folder, ImmutableSet<Path> inputs) {
    this.folder = folder;
    this.inputs = inputs;
  }

  /**
   * Opens a folder, which is made with its parents where it does not exist.
   *
   * @param folder the folder, or a link to one
   * @param inputs the images that are being explained
   * @return the folder
   * @throws XAIException if it cannot be made
   */
  public static OutputFolder open(Path folder, Collection<Path> inputs) {
    make(folder);
    AtomicFiles.removeAbandoned(folder);
    return look(folder, inputs);
  }

  /**
   * Makes a folder and its parents where it does not exist.
   *
   * @param folder the folder, or a link to one
   * @throws XAIException if it cannot be made
   */
  public static void make(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw new XAIException(
          "cannot create the output folder " + folder + ": " + FileErrors.reason(e), e);
    }
  }

  /**
   * Looks at a folder, which may not exist, and leaves it as it is.
   *
   * @param folder the folder, or a link to one
   * @param inputs the images that are being explained
   * @return the folder, to ask what may be written there
   */
  public static OutputFolder look(Path folder, Collection<Path> inputs) {
    return new OutputFolder(
        folder, inputs.stream().map(FileIdentity::of).collect(ImmutableSet.toImmutableSet()));
  }

  /**
   * Returns whether this program wrote a file, by the mark inside it.
   *
   * @param file the file
   * @return false for a link, a folder, and what cannot be read
   */
  public static boolean wrote(Path file) {
    return OutputMark.isIn(file);
  }

  /**
   * Returns the names in this folder that images to explain have, which no map may take.
   *
   * @return the names, without the folder
   */
  public Set<String> inputNames() {
    Path here = FileIdentity.of(folder);
    return inputs.stream()
        .filter(input -> here.equals(input.getParent()))
        .map(input -> String.valueOf(input.getFileName()))
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * Checks that a file may be written, before its content is computed.
   *
   * @param name the file's name
   * @throws XAIException if it would replace what this program did not write
   */
  public void check(String name) {
    Path file = folder.resolve(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (inputs.contains(FileIdentity.of(file))) {
      throw new XAIException(
          "cannot write " + file + ": it is an image to explain; choose another output folder");
    }
    if (!OutputMark.isIn(file) && !isEmpty(file)) {
      throw new XAIException(
          "cannot write "
              + file
              + ": this program did not write what is there; move it away or choose another output"
              + " folder");
    }
  }

  /**
   * Writes a picture as PNG.
   *
   * @param name the file's name
   * @param picture the picture, of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link
   *     BufferedImage#TYPE_INT_RGB}
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   * @throws IllegalArgumentException if the picture is of another type
   */
  public Path writePicture(String name, BufferedImage picture) {
    return writePng(name, picture, MARK, false);
  }

  /**
   * Writes a picture as PNG with a comment inside it, the text {@code Comment}; smaller than
   * without one, and slower.
   *
   * @param name the file's name
   * @param picture the picture, of type {@link BufferedImage#TYPE_BYTE_GRAY} or {@link
   *     BufferedImage#TYPE_INT_RGB}
   * @param comment the comment, in ASCII and short: beyond 4000 characters the mark is not found
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   * @throws IllegalArgumentException if the picture is of another type
   */
  public Path writePicture(String name, BufferedImage picture, String comment) {
    return writePng(
        name,
        picture,
        ImmutableMap.<String, String>builder().putAll(MARK).put("Comment", comment).build(),
        true);
  }

  private Path writePng(
      String name, BufferedImage picture, Map<String, String> texts, boolean smaller) {
    return write(
        name,
        file -> {
          byte[] png = PngWriter.encode(picture, texts, smaller);
          AtomicFiles.write(file, out -> out.write(png));
        });
  }

  /**
   * Writes an HTML page, whose first lines are the document type and the mark.
   *
   * @param name the file's name
   * @param body what follows them, in UTF-8
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   */
  public Path writePage(String name, AtomicFiles.Content body) {
    return write(
        name,
        file ->
            AtomicFiles.write(
                file,
                out -> {
                  out.write(OutputMark.PAGE.getBytes(StandardCharsets.US_ASCII));
                  body.writeTo(out);
                }));
  }

  /**
   * Writes pictures as the frames of an animated GIF, or one as a still GIF.
   *
   * @param name the file's name
   * @param frames at least one, all of one size; asked for one at a time
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   */
  public Path writeAnimation(String name, Iterator<BufferedImage> frames) {
    return write(name, file -> AtomicFiles.write(file, out -> GifWriter.write(frames, out)));
  }

  /**
   * Writes an array as npy.
   *
   * @param name the file's name
   * @param shape the axes
   * @param data the values, row-major
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public Path writeArray(String name, int[] shape, float[] data) {
    return write(
        name,
        file ->
            AtomicFiles.write(file, out -> Npy.write(out, shape, data, OutputMark.WHITE_SPACE)));
  }

  /**
   * Writes an image with its geometry.
   *
   * @param name the file's name
   * @param image the image, of one channel, or of three where the writer takes colours
   * @param origin where it comes from
   * @param writer writes the format
   * @return the file
   * @throws XAIException if it cannot be written, or would replace what this program did not write
   * @throws IllegalArgumentException if the format cannot hold such an image
   */
  public Path writeVolume(
      String name, ImageArray image, VolumeWriter.Origin origin, VolumeWriter writer) {
    return write(name, file -> AtomicFiles.write(file, out -> writer.write(image, origin, out)));
  }

  private Path write(String name, Writing writing) {
    check(name);
    Path file = folder.resolve(name);
    try {
      writing.to(file);
    } catch (IOException e) {
      throw new XAIException("cannot write " + file + ": " + FileErrors.reason(e), e);
    }
    return file;
  }

  private static boolean isEmpty(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @FunctionalInterface
  private interface Writing {
    void to(Path file) throws IOException;
  }
}
