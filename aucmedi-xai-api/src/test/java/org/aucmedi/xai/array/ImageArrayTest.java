package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class ImageArrayTest {

  @Test
  void of_arrays_areCopiedInAndOut() {
    int[] shape = {1, 2};
    float[] data = {1, 2};
    ImageArray image = ImageArray.of(shape, 1, data, SampleType.FLOAT);

    shape[0] = 9;
    data[0] = 9;
    image.spatialShape()[0] = 9;
    image.data()[0] = 9;

    assertThat(image.spatialShape()).containsExactly(1, 2);
    assertThat(image.data()).containsExactly(1, 2);
  }

  @Test
  void at_planeAndVolume_areRowMajorChannelsLast() {
    float[] data = new float[24];
    for (int i = 0; i < data.length; i++) {
      data[i] = i;
    }
    ImageArray plane = ImageArray.of(new int[] {3, 4}, 2, data, SampleType.FLOAT);
    ImageArray volume = ImageArray.of(new int[] {2, 3, 2}, 2, data, SampleType.FLOAT);

    assertThat(plane.at(1, 2, 1)).isEqualTo(13);
    assertThat(volume.at(1, 2, 0, 1)).isEqualTo(21);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plane.at(1, 2))
        .withMessageContaining("3 axes");
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> plane.at(1, 4, 0));
  }

  @Test
  void toChannelsFirst_plane_movesTheChannels() {
    ImageArray image =
        ImageArray.of(new int[] {1, 2}, 3, new float[] {1, 2, 3, 4, 5, 6}, SampleType.FLOAT);

    assertThat(image.toChannelsFirst()).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void of_sizesThatDoNotFit_fail() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageArray.of(new int[] {2}, 1, new float[2], SampleType.FLOAT))
        .withMessageContaining("two or three");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageArray.of(new int[] {2, 0}, 1, new float[0], SampleType.FLOAT))
        .withMessageContaining("empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageArray.of(new int[] {2, 2}, 3, new float[4], SampleType.FLOAT))
        .withMessageContaining("expected 12 values, got 4");
  }
}
