package org.aucmedi.xai.imaging.medical.dicom;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.aucmedi.xai.imaging.medical.codec.DecodedFrame;

/** Decodes JPEG of 8 bits with the JDK's own reader, whatever others are on the class path. */
final class JpegBaselineDecoder {

  private JpegBaselineDecoder() {}

  static DecodedFrame decode(byte[] codestream) throws IOException {
    ImageReader reader = reader();
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(codestream))) {
      reader.setInput(in, true, true);
      // A raster has the components as stored; images are converted by guesses at their meaning.
      Raster raster = reader.readRaster(0, null);
      int components = raster.getNumBands();
      int[] samples = raster.getPixels(0, 0, raster.getWidth(), raster.getHeight(), (int[]) null);
      return new DecodedFrame(
          raster.getWidth(), raster.getHeight(), components, Byte.SIZE, false, samples);
    } catch (IIOException | RuntimeException e) {
      throw new IOException("its JPEG data is damaged (" + e.getMessage() + ")", e);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader reader() throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
        return reader;
      }
    }
    throw new IOException("the JDK's JPEG reader is missing");
  }
}
