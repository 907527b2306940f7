package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable 2-D or 3-D image, channels last.
 *
 * <p>The axes are (H, W, C) or (D, H, W, C), row-major.
 */
public final class ImageArray {

  private final int[] spatialShape;
  private final int channels;
  private final float[] data;
  private final SampleType sampleType;
  private final @Nullable Geometry geometry;

  private ImageArray(
      int[] spatialShape,
      int channels,
      float[] data,
      SampleType sampleType,
      @Nullable Geometry geometry) {
    this.spatialShape = spatialShape;
    this.channels = channels;
    this.data = data;
    this.sampleType = sampleType;
    this.geometry = geometry;
  }

  /**
   * Creates an image; the arrays are copied.
   *
   * @param spatialShape (H, W) or (D, H, W), each at least 1
   * @param channels the number of channels, at least 1
   * @param data the values, row-major, channels last
   * @param sampleType the type in which the values were stored
   * @return the image
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static ImageArray of(
      int[] spatialShape, int channels, float[] data, SampleType sampleType) {
    return wrap(spatialShape.clone(), channels, data.clone(), sampleType);
  }

  /**
   * Creates an image without copying the arrays; do not change them later.
   *
   * @param spatialShape (H, W) or (D, H, W), each at least 1
   * @param channels the number of channels, at least 1
   * @param data the values, row-major, channels last
   * @param sampleType the type in which the values were stored
   * @return the image
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static ImageArray wrap(
      int[] spatialShape, int channels, float[] data, SampleType sampleType) {
    checkArgument(
        spatialShape.length == 2 || spatialShape.length == 3,
        "an image must have two or three spatial axes, got %s",
        spatialShape.length);
    checkArgument(
        channels > 0 && Arrays.stream(spatialShape).allMatch(size -> size > 0),
        "an image must not have an empty axis, got %s with %s channels",
        Arrays.toString(spatialShape),
        channels);
    long size =
        Arrays.stream(spatialShape).asLongStream().reduce(channels, LongMath::saturatedMultiply);
    checkArgument(data.length == size, "expected %s values, got %s", size, data.length);
    return new ImageArray(
        spatialShape, channels, data, Objects.requireNonNull(sampleType, "sampleType"), null);
  }

  /**
   * {@return the same values at a place in the patient; nothing is copied}
   *
   * @param place where the voxels lie, or null if that is not known
   */
  public ImageArray withGeometry(@Nullable Geometry place) {
    return new ImageArray(spatialShape, channels, data, sampleType, place);
  }

  /** {@return where the voxels lie in the patient, or null if the file did not tell} */
  public @Nullable Geometry geometry() {
    return geometry;
  }

  /** {@return the spatial shape, (H, W) or (D, H, W)} */
  public int[] spatialShape() {
    return spatialShape.clone();
  }

  /** {@return the number of spatial axes, 2 or 3} */
  public int spatialRank() {
    return spatialShape.length;
  }

  /** {@return the number of channels, at least 1} */
  public int channels() {
    return channels;
  }

  /** {@return the type in which the values were stored} */
  public SampleType sampleType() {
    return sampleType;
  }

  /** {@return a copy of the values, row-major, channels last} */
  public float[] data() {
    return data.clone();
  }

  /**
   * {@return one value}
   *
   * @param index one index per axis, the channel last
   * @throws IllegalArgumentException if the index has too many or too few axes
   * @throws IndexOutOfBoundsException if it lies outside the image
   */
  public float at(int... index) {
    checkArgument(
        index.length == spatialShape.length + 1,
        "an index must have %s axes, the channel last, got %s",
        spatialShape.length + 1,
        index.length);
    int offset = 0;
    for (int axis = 0; axis < spatialShape.length; axis++) {
      offset = offset * spatialShape[axis] + Objects.checkIndex(index[axis], spatialShape[axis]);
    }
    return data[offset * channels + Objects.checkIndex(index[spatialShape.length], channels)];
  }

  /**
   * {@return the values, row-major, channels last; the array is not a copy, since it may be large,
   * and must not be changed}
   */
  public float[] values() {
    return data;
  }

  /** {@return the values with channels first, (C, spatial...), row-major} */
  public float[] toChannelsFirst() {
    int positions = data.length / channels;
    float[] moved = new float[data.length];
    for (int i = 0; i < positions; i++) {
      for (int c = 0; c < channels; c++) {
        moved[c * positions + i] = data[i * channels + c];
      }
    }
    return moved;
  }
}
