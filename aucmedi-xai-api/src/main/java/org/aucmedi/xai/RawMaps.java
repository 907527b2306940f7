package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Raw maps as they are computed: values before normalisation, and what is special about a map. */
public final class RawMaps {

  private final Shape shape;
  private final int size;
  private final float[] values;
  private final MapStatus[] statuses;

  /**
   * Makes maps of zeros.
   *
   * @param images the number of images N
   * @param maps the number of maps per image K
   * @param spatial the shape of one map
   * @throws IllegalArgumentException if they hold more values than an array can
   */
  public RawMaps(int images, int maps, Shape spatial) {
    this.shape = new Shape(images, maps).addAll(spatial);
    checkArgument(
        shape.size() <= Integer.MAX_VALUE,
        "maps of the shape %s are too many for one array; explain fewer images or classes at once",
        shape);
    this.size = Math.toIntExact(spatial.size());
    this.values = new float[Math.toIntExact(shape.size())];
    this.statuses = new MapStatus[images * maps];
    Arrays.fill(statuses, MapStatus.OK);
  }

  /**
   * Returns the shape of all maps.
   *
   * @return (N, K, spatial...)
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the number of values of one map.
   *
   * @return its size
   */
  public int size() {
    return size;
  }

  /**
   * Returns where a map starts in {@link #values}.
   *
   * @param image the image
   * @param map the map of the image
   * @return the index of its first value
   */
  public int offset(int image, int map) {
    return index(image, map) * size;
  }

  /**
   * Returns the values of all maps, to be filled in.
   *
   * @return the array itself, row-major
   */
  public float[] values() {
    return values;
  }

  /**
   * Writes one map.
   *
   * @param image the image
   * @param map the map of the image
   * @param source its values
   */
  public void set(int image, int map, float[] source) {
    System.arraycopy(source, 0, values, offset(image, map), size);
  }

  /**
   * Says what is special about a map.
   *
   * @param image the image
   * @param map the map of the image
   * @param status the status
   */
  public void mark(int image, int map, MapStatus status) {
    statuses[index(image, map)] = Objects.requireNonNull(status, "status");
  }

  /**
   * Marks every map of the images whose outputs are not finite: there is no score to explain,
   * whatever the map looks like.
   *
   * @param outputs the model's outputs, {@code [image][class]}
   */
  public void markNonFinite(float[][] outputs) {
    for (int n = 0; n < outputs.length; n++) {
      if (!allFinite(outputs[n])) {
        Arrays.fill(statuses, index(n, 0), index(n + 1, 0), MapStatus.NON_FINITE);
      }
    }
  }

  /**
   * Returns what is special about a map.
   *
   * @param image the image
   * @param map the map of the image
   * @return the status
   */
  public MapStatus statusOf(int image, int map) {
    return statuses[index(image, map)];
  }

  private static boolean allFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the status of every map, image by image, with what can be seen of its values. */
  List<MapStatus> statuses() {
    List<MapStatus> seen = new ArrayList<>();
    for (int map = 0; map < statuses.length; map++) {
      seen.add(statusOf(values, map * size, size, statuses[map]));
    }
    return seen;
  }

  /** What can be seen of a map comes first; what only the method knows is kept. */
  static MapStatus statusOf(float[] values, int from, int size, MapStatus known) {
    float min = values[from];
    float max = values[from];
    for (int i = from; i < from + size; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    if (!Float.isFinite(max - min)) {
      return MapStatus.NON_FINITE;
    }
    return min == max && known == MapStatus.OK ? MapStatus.FLAT : known;
  }

  private int index(int image, int map) {
    return image * (int) shape.get(1) + map;
  }
}
