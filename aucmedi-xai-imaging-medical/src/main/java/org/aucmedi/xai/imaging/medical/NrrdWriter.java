package org.aucmedi.xai.imaging.medical;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.VolumeWriter;

/** Writes NRRD files, packed with gzip. */
public final class NrrdWriter implements VolumeWriter {

  private static final int HEADER = 512;

  /** Constructs a writer. */
  public NrrdWriter() {}

  @Override
  public String extension() {
    return "nrrd";
  }

  @Override
  public void write(ImageArray image, Origin origin, OutputStream out) throws IOException {
    Geometry geometry = Samples.geometry(image);
    double[][] affine = geometry.affine();
    int rank = image.spatialRank();
    StringBuilder directions = new StringBuilder();
    for (int axis = 0; axis < rank; axis++) {
      directions.append(axis == 0 ? "" : " ").append(vector(affine, axis));
    }
    String header =
        String.join(
            "\n",
            "NRRD0004",
            "# " + Samples.MARK,
            "type: float",
            "dimension: " + rank,
            "space: left-posterior-superior",
            "sizes: " + Samples.sizes(image),
            "space directions: " + directions,
            "kinds: " + (rank == 2 ? "domain domain" : "domain domain domain"),
            "endian: little",
            "encoding: gzip",
            "space origin: " + vector(affine, 3),
            "",
            "");
    out.write(header.getBytes(StandardCharsets.US_ASCII));
    GZIPOutputStream packed = new GZIPOutputStream(out, 1 << 16);
    Samples.write(image.values(), ByteOrder.LITTLE_ENDIAN, packed);
    packed.finish();
  }

  @Override
  public boolean wrote(Path file) throws IOException {
    return Samples.startHas(file, HEADER, "\n# " + Samples.MARK + "\n");
  }

  private static String vector(double[][] affine, int column) {
    return "(" + affine[0][column] + "," + affine[1][column] + "," + affine[2][column] + ")";
  }
}
