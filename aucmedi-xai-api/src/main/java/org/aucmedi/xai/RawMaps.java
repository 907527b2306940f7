package org.aucmedi.xai;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
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
   */
  public RawMaps(int images, int maps, Shape spatial) {
    this.shape = new Shape(images, maps).addAll(spatial);
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

  MapStatus status(int index) {
    return statuses[index];
  }

  private int index(int image, int map) {
    return image * (int) shape.get(1) + map;
  }
}
