package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.io.MoreFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes pictures, to the file named and whatever is there; no temporary folder is needed. */
public final class ImageWriter {

  private static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp", "gif");

  /**
   * Deflate's level 2 of 9. For overlays it is twice as fast as the default, 4, and its files are
   * smaller.
   */
  private static final float PNG_QUALITY = 7 / 9f;

  private ImageWriter() {}

  /**
   * Writes a picture in the format of its extension. The file appears whole or not at all.
   *
   * @param picture the picture
   * @param file the file, ending in .png, .jpg, .jpeg, .bmp or .gif; replaced if it exists
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the extension is another
   */
  public static void write(BufferedImage picture, Path file) throws IOException {
    String extension = Ascii.toLowerCase(MoreFiles.getFileExtension(file));
    checkArgument(
        EXTENSIONS.contains(extension),
        "cannot write %s as a picture; use one of the extensions %s",
        file,
        EXTENSIONS);
    byte[] content = encode(picture, extension, Map.of());
    AtomicFiles.write(file, out -> out.write(content));
  }

  /**
   * Encodes a picture as PNG, with {@link OutputMark} and possibly a comment.
   *
   * @param comment in Latin letters, or null for none
   */
  static byte[] markedPng(BufferedImage picture, @Nullable String comment) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(OutputMark.KEYWORD, OutputMark.SOFTWARE);
    if (comment != null) {
      texts.put("Comment", comment);
    }
    return encode(picture, "png", texts);
  }

  private static byte[] encode(BufferedImage picture, String format, Map<String, String> texts)
      throws IOException {
    ImageTypeSpecifier type = ImageTypeSpecifier.createFromRenderedImage(picture);
    Iterator<javax.imageio.ImageWriter> writers = ImageIO.getImageWriters(type, format);
    if (!writers.hasNext()) {
      throw new IOException("no writer for this type of picture in the format " + format);
    }
    javax.imageio.ImageWriter writer = writers.next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      IIOMetadata metadata =
          texts.isEmpty() ? null : with(texts, writer.getDefaultImageMetadata(type, null));
      writer.write(null, new IIOImage(picture, null, metadata), parameters(writer, format));
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static ImageWriteParam parameters(javax.imageio.ImageWriter writer, String format) {
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    if (format.equals("png") && parameters.canWriteCompressed()) {
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(PNG_QUALITY);
    }
    if (format.equals("gif")) {
      // Interlaced pictures of few rows are read back wrong by Java's own reader.
      parameters.setProgressiveMode(ImageWriteParam.MODE_DISABLED);
    }
    return parameters;
  }

  private static IIOMetadata with(Map<String, String> texts, IIOMetadata metadata)
      throws IOException {
    IIOMetadataNode text = new IIOMetadataNode("tEXt");
    texts.forEach(
        (keyword, value) -> {
          IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
          entry.setAttribute("keyword", keyword);
          entry.setAttribute("value", value);
          text.appendChild(entry);
        });
    IIOMetadataNode root = new IIOMetadataNode(metadata.getNativeMetadataFormatName());
    root.appendChild(text);
    metadata.mergeTree(metadata.getNativeMetadataFormatName(), root);
    return metadata;
  }
}
