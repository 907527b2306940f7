package org.aucmedi.xai.imaging.medical;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.imaging.VolumeWriter;

/** Writes ITK's MetaImages with header and values in one file, not compressed. */
public final class MetaImageWriter implements VolumeWriter {

  private static final int HEADER = 512;

  /** Constructs a writer. */
  public MetaImageWriter() {}

  @Override
  public String extension() {
    return "mha";
  }

  @Override
  public void write(ImageArray image, Origin origin, OutputStream out) throws IOException {
    Geometry geometry = Samples.geometry(image);
    int rank = image.spatialRank();
    double[] matrix = new double[rank * rank];
    double[][] direction = geometry.direction();
    for (int axis = 0; axis < rank; axis++) {
      for (int row = 0; row < rank; row++) {
        matrix[axis * rank + row] = direction[row][axis];
      }
    }
    String header =
        String.join(
            "\n",
            "ObjectType = Image",
            "Comment = " + Samples.MARK,
            "NDims = " + rank,
            "BinaryData = True",
            "BinaryDataByteOrderMSB = False",
            "CompressedData = False",
            "TransformMatrix = " + words(matrix),
            "Offset = " + words(Arrays.copyOf(geometry.origin(), rank)),
            "ElementSpacing = " + words(Arrays.copyOf(geometry.spacing(), rank)),
            "DimSize = " + Samples.sizes(image),
            "ElementType = MET_FLOAT",
            "ElementDataFile = LOCAL",
            "");
    out.write(header.getBytes(StandardCharsets.US_ASCII));
    Samples.write(image.values(), ByteOrder.LITTLE_ENDIAN, out);
  }

  @Override
  public boolean wrote(Path file) throws IOException {
    return Samples.startHas(file, HEADER, "\nComment = " + Samples.MARK + "\n");
  }

  private static String words(double... numbers) {
    return Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }
}
