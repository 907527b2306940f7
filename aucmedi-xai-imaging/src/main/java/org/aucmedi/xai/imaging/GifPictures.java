package org.aucmedi.xai.imaging;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.metadata.IIOMetadataNode;
import org.aucmedi.xai.array.ImageArray;
import org.w3c.dom.NodeList;

/**
 * Reads the first frame of a GIF file where it lies on the screen (GIF89a, section 18), as Pillow
 * does: what it leaves free has the transparent colour, or else the first one.
 */
final class GifPictures {

  private static final String METADATA = "javax_imageio_gif_image_1.0";
  private static final int SCREEN = 6;

  private GifPictures() {}

  static ImageArray read(PathImageInputStream in, javax.imageio.ImageReader plugin, int maxPixels)
      throws IOException {
    in.setByteOrder(ByteOrder.LITTLE_ENDIAN);
    in.seek(SCREEN);
    int screenWidth = in.readUnsignedShort();
    int screenHeight = in.readUnsignedShort();
    in.seek(0);
    plugin.setInput(in, false, false);
    IIOMetadataNode metadata = (IIOMetadataNode) plugin.getImageMetadata(0).getAsTree(METADATA);
    int left = integer(metadata, "ImageDescriptor", "imageLeftPosition");
    int top = integer(metadata, "ImageDescriptor", "imageTopPosition");
    int width = Math.max(screenWidth, left + plugin.getWidth(0));
    int height = Math.max(screenHeight, top + plugin.getHeight(0));
    UnsupportedPictureException.checkPixels((long) width * height, maxPixels);
    BufferedImage picture = plugin.read(0);
    ImageArray frame = PictureSamples.of(picture);
    if (picture.getWidth() == width && picture.getHeight() == height) {
      return frame;
    }
    if (!(picture.getColorModel() instanceof IndexColorModel palette)) {
      throw new IOException("it has no palette");
    }
    int free = integer(metadata, "GraphicControlExtension", "transparentColorIndex");
    return place(frame, left, top, new int[] {height, width}, palette.getRGB(free));
  }

  private static ImageArray place(ImageArray frame, int left, int top, int[] shape, int free) {
    int channels = frame.channels();
    float[] data = new float[shape[0] * shape[1] * channels];
    for (int i = 0; i < data.length; i++) {
      data[i] = (free >> (16 - 8 * (i % channels))) & 0xff;
    }
    int row = frame.spatialShape()[1] * channels;
    for (int y = 0; y < frame.spatialShape()[0]; y++) {
      int target = ((top + y) * shape[1] + left) * channels;
      System.arraycopy(frame.values(), y * row, data, target, row);
    }
    return ImageArray.wrap(shape, channels, data, frame.sampleType());
  }

  /** Returns an attribute, 0 if the element is absent. */
  private static int integer(IIOMetadataNode metadata, String element, String attribute) {
    NodeList elements = metadata.getElementsByTagName(element);
    return elements.getLength() == 0
        ? 0
        : Integer.parseInt(((IIOMetadataNode) elements.item(0)).getAttribute(attribute));
  }
}
