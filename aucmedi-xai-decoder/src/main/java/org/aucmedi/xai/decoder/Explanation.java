package org.aucmedi.xai.decoder;

import java.util.List;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.array.ImageArray;

/**
 * An image and its maps.
 *
 * @param sample the sample's name
 * @param image the image that an overlay is drawn on
 * @param maps one map per explained class
 */
public record Explanation(String sample, ImageArray image, List<ClassMap> maps) {

  /** Copies the list. */
  public Explanation {
    maps = List.copyOf(maps);
  }

  /**
   * A map of one class.
   *
   * @param classIndex the explained class
   * @param probability what the model says of the class, its output as it is
   * @param shape the spatial shape of the map
   * @param values the values, row-major
   * @param status what is to be known before the map is believed
   */
  public record ClassMap(
      int classIndex, float probability, int[] shape, float[] values, MapStatus status) {

    /** Copies the arrays. */
    public ClassMap {
      shape = shape.clone();
      values = values.clone();
    }

    @Override
    public int[] shape() {
      return shape.clone();
    }

    @Override
    public float[] values() {
      return values.clone();
    }
  }
}
