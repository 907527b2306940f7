package org.aucmedi.xai.imaging.medical.dicom;

import com.google.common.base.Ascii;
import java.util.function.DoubleUnaryOperator;
import org.aucmedi.xai.imaging.Window;

/**
 * The values of interest that a file shows from black to white: a table, or the first of its
 * windows (PS3.3 section C.11.2).
 */
final class VoiLut {

  private static final double WHITE = 255;

  private VoiLut() {}

  /**
   * {@return the brightness, 0 to 255, of a value of the modality}
   *
   * @param header the elements of a frame
   * @param signed whether values may be negative
   * @throws IllegalArgumentException if the file has no window, or a wrong one
   */
  static DoubleUnaryOperator of(DataSet header, boolean signed) {
    DataSet lut = header.item(Tags.VOILUT_SEQUENCE);
    if (lut.contains(Tags.LUT_DATA)) {
      LookupTable table = LookupTable.of(lut, Tags.LUT_DESCRIPTOR, Tags.LUT_DATA, signed);
      double white = Math.pow(2, table.bits()) - 1;
      return value -> table.get(value) * WHITE / white;
    }
    double[] centers = header.numbers(Tags.WINDOW_CENTER);
    double[] widths = header.numbers(Tags.WINDOW_WIDTH);
    if (centers.length == 0 || widths.length == 0) {
      throw new IllegalArgumentException(
          "it has no window; give one, such as 40,400, or choose none");
    }
    return new Window(centers[0], widths[0], function(header))::apply;
  }

  private static Window.Function function(DataSet header) {
    String name = Ascii.toUpperCase(header.string(Tags.VOILUT_FUNCTION).orElse("LINEAR"));
    return switch (name) {
      case "LINEAR" -> Window.Function.LINEAR;
      case "LINEAR_EXACT" -> Window.Function.LINEAR_EXACT;
      case "SIGMOID" -> Window.Function.SIGMOID;
      default ->
          throw new IllegalArgumentException(
              "its window has the function '" + DataSet.printable(name) + "', which is unknown");
    };
  }
}
