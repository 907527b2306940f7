package org.aucmedi.xai.imaging.medical;

import com.google.common.base.Ascii;
import com.google.common.io.ByteStreams;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.ImageReader;
import org.aucmedi.xai.imaging.UnreadableImageException;

/**
 * Reads NIfTI-1 and NIfTI-2 volumes: {@code .nii}, {@code .nii.gz}, and pairs of {@code .hdr} and
 * {@code .img}. Values are multiplied by the slope and shifted by the intercept of the header.
 *
 * <p>Format: <a href="https://nifti.nimh.nih.gov/nifti-1">nifti.nimh.nih.gov</a>.
 */
public final class NiftiReader implements ImageReader {

  /** The values of an image may be as many as those of the largest picture. */
  private static final int VALUES_PER_PIXEL = 3;

  private static final int BUFFER = 1 << 16;

  /** Constructs a reader. */
  public NiftiReader() {}

  @Override
  public List<String> extensions() {
    return List.of("nii", "nii.gz", "hdr", "hdr.gz");
  }

  @Override
  public boolean recognises(byte[] start) {
    return NiftiHeader.isNifti(start);
  }

  @Override
  public ImageArray read(Path file, ImageLoader.Options options) {
    try (InputStream in = open(file)) {
      NiftiHeader header = NiftiHeader.read(in);
      int count = header.values((long) VALUES_PER_PIXEL * options.maxPixels());
      if (header.isPair()) {
        Path data = dataOf(file);
        try (InputStream values = open(data)) {
          ByteStreams.skipFully(values, header.offset());
          return image(header, values, count);
        }
      }
      ByteStreams.skipFully(in, header.offset() - header.size());
      return image(header, in, count);
    } catch (ZipException e) {
      throw new UnreadableImageException(file, "its compressed data is damaged", e);
    } catch (IOException e) {
      throw new UnreadableImageException(file, FileErrors.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(file, e.getMessage(), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      // Some files have the name of the other kind.
      in.mark(2);
      boolean packed = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return packed ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** The file of the values beside a header. */
  private static Path dataOf(Path header) throws IOException {
    String name = header.getFileName().toString();
    int dot = Ascii.toLowerCase(name).lastIndexOf(".hdr");
    String base = dot < 0 ? name : name.substring(0, dot);
    for (String suffix : List.of(".img", ".img.gz", ".IMG")) {
      Path data = header.resolveSibling(base + suffix);
      if (Files.isRegularFile(data)) {
        return data;
      }
    }
    throw new IOException("it is a header whose values are in " + base + ".img, which is missing");
  }

  private static ImageArray image(NiftiHeader header, InputStream in, int count)
      throws IOException {
    ByteOrder order = header.order();
    float[] values =
        Samples.read(in, count, header.type(), order, header.slope(), header.intercept());
    int channels = header.channels();
    boolean planes = !header.interleaved();
    SampleType sampleType =
        header.slope() == 1 && header.intercept() == 0
            ? header.type().sampleType()
            : SampleType.FLOAT;
    return ImageArray.wrap(
            header.spatialShape(),
            channels,
            planes ? Samples.channelsLast(values, channels) : values,
            sampleType)
        .withGeometry(header.geometry());
  }
}
