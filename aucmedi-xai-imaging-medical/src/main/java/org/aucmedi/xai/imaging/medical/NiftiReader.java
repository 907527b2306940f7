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
  ImageArray read(Path file, InputStream in, Request request) throws IOException {
    NiftiHeader header = NiftiHeader.read(in);
    int volume = header.volume(request);
    int positions = header.positions(request.limit());
    if (header.isPair()) {
      try (InputStream values = open(dataOf(file))) {
        ByteStreams.skipFully(values, header.offset());
        return image(header, values, volume, positions);
      }
    }
    ByteStreams.skipFully(in, header.offset() - header.size());
    return image(header, in, volume, positions);
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

  private static ImageArray image(NiftiHeader header, InputStream in, int volume, int positions)
      throws IOException {
    int channels = header.channels();
    SampleType sampleType =
        header.slope() == 1 && header.intercept() == 0
            ? header.type().sampleType()
            : SampleType.FLOAT;
    return ImageArray.wrap(
            header.spatialShape(), channels, values(header, in, volume, positions), sampleType)
        .withGeometry(header.geometry());
  }

  /** The values of a volume, channels last. */
  private static float[] values(NiftiHeader header, InputStream in, int volume, int positions)
      throws IOException {
    int channels = header.channels();
    long bytes = (long) positions * header.type().bytes();
    if (header.interleaved() || channels == 1) {
      in.skipNBytes(volume * bytes * channels);
      return read(header, in, positions * channels);
    }
    // All volumes of a channel come before the next channel.
    float[] values = new float[positions * channels];
    for (int channel = 0; channel < channels; channel++) {
      in.skipNBytes((channel == 0 ? volume : header.volumes() - 1) * bytes);
      System.arraycopy(read(header, in, positions), 0, values, channel * positions, positions);
    }
    return Samples.channelsLast(values, channels);
  }

  private static float[] read(NiftiHeader header, InputStream in, int count) throws IOException {
    return Samples.read(
        in, count, header.type(), header.order(), header.slope(), header.intercept());
  }
}
