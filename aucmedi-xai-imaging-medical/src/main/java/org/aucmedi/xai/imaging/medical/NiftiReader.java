package org.aucmedi.xai.imaging.medical;

import com.google.common.base.Ascii;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;

/**
 * Reads NIfTI-1 and NIfTI-2 volumes: {@code .nii}, {@code .nii.gz}, and pairs of {@code .hdr} and
 * {@code .img}. Values are multiplied by the slope and shifted by the intercept of the header.
 *
 * <p>Format: <a href="https://nifti.nimh.nih.gov/nifti-1">nifti.nimh.nih.gov</a>.
 */
public final class NiftiReader extends VolumeReader {

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
  ImageArray read(Path file, InputStream in, long limit) throws IOException {
    NiftiHeader header = NiftiHeader.read(in);
    int count = header.values(limit);
    if (header.isPair()) {
      try (InputStream values = open(dataOf(file))) {
        ByteStreams.skipFully(values, header.offset());
        return image(header, values, count);
      }
    }
    ByteStreams.skipFully(in, header.offset() - header.size());
    return image(header, in, count);
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
    throw new IOException("its values are in " + base + ".img, which is missing beside it");
  }

  private static ImageArray image(NiftiHeader header, InputStream in, int count)
      throws IOException {
    float[] values =
        Samples.read(in, count, header.type(), header.order(), header.slope(), header.intercept());
    int channels = header.channels();
    SampleType sampleType =
        header.slope() == 1 && header.intercept() == 0
            ? header.type().sampleType()
            : SampleType.FLOAT;
    return ImageArray.wrap(
            header.spatialShape(),
            channels,
            header.interleaved() ? values : Samples.channelsLast(values, channels),
            sampleType)
        .withGeometry(header.geometry());
  }
}
