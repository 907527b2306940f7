package org.aucmedi.xai.imaging;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Writes animated GIFs that run for ever, with {@link OutputMark} as a comment. Each frame has a
 * palette of 256 colours of its own.
 */
final class GifWriter {

  /** The time of a frame in hundredths of a second; browsers slow down anything below 2. */
  private static final String DELAY = "10";

  private GifWriter() {}

  /**
   * Writes frames, one at a time.
   *
   * @param frames at least one, all of one size
   * @param out where to; not closed
   */
  static void write(Iterator<BufferedImage> frames, OutputStream out) throws IOException {
    javax.imageio.ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      // Interlaced frames of few rows are read back wrong by Java's own reader.
      ImageWriteParam rows = writer.getDefaultWriteParam();
      rows.setProgressiveMode(ImageWriteParam.MODE_DISABLED);
      writer.prepareWriteSequence(null);
      for (boolean first = true; frames.hasNext(); first = false) {
        BufferedImage frame = frames.next();
        IIOMetadata metadata =
            writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(frame), null);
        describe(metadata, first, first && frames.hasNext());
        writer.writeToSequence(new IIOImage(frame, null, metadata), rows);
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
  }

  private static void describe(IIOMetadata metadata, boolean first, boolean animated)
      throws IOException {
    IIOMetadataNode root = new IIOMetadataNode(metadata.getNativeMetadataFormatName());
    IIOMetadataNode control = child(root, "GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    control.setAttribute("delayTime", DELAY);
    if (animated) {
      IIOMetadataNode loop = child(child(root, "ApplicationExtensions"), "ApplicationExtension");
      loop.setAttribute("applicationID", "NETSCAPE");
      loop.setAttribute("authenticationCode", "2.0");
      // Sub-block 1: the number of times, 0 for without end.
      loop.setUserObject(new byte[] {1, 0, 0});
    }
    if (first) {
      child(child(root, "CommentExtensions"), "CommentExtension")
          .setAttribute("value", OutputMark.COMMENT);
    }
    metadata.mergeTree(metadata.getNativeMetadataFormatName(), root);
  }

  private static IIOMetadataNode child(IIOMetadataNode parent, String name) {
    IIOMetadataNode node = new IIOMetadataNode(name);
    parent.appendChild(node);
    return node;
  }
}
