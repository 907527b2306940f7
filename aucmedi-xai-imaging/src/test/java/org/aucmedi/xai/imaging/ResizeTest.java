package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.aucmedi.xai.testkit.Maps.assertClose;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden values of OpenCV in two dimensions and scikit-image in three, as AUCMEDI uses them. */
final class ResizeTest {

  @Test
  void map_twoByTwoToFour_clampsAtTheBorder() {
    assertClose(
        "2x2 to 4x4",
        Resize.map(new float[] {0, 1, 2, 3}, new int[] {2, 2}, new int[] {4, 4}),
        new float[] {
          0, .25f, .75f, 1, .5f, .75f, 1.25f, 1.5f, 1.5f, 1.75f, 2.25f, 2.5f, 2, 2.25f, 2.75f, 3
        },
        1e-6);
  }

  @Test
  void map_twoByTwoToThree_keepsTheCorners() {
    assertClose(
        "2x2 to 3x3",
        Resize.map(new float[] {0, 1, 2, 3}, new int[] {2, 2}, new int[] {3, 3}),
        new float[] {0, .5f, 1, 1, 1.5f, 2, 2, 2.5f, 3},
        1e-6);
  }

  @Test
  void map_smaller_hasNoFilter() {
    float[] map = new float[16];
    for (int i = 0; i < 16; i++) {
      map[i] = i;
    }
    assertClose(
        "4x4 to 2x2",
        Resize.map(map, new int[] {4, 4}, new int[] {2, 2}),
        new float[] {2.5f, 4.5f, 10.5f, 12.5f},
        1e-6);
    assertClose(
        "4x4 to 3x3, first row",
        Arrays.copyOf(Resize.map(map, new int[] {4, 4}, new int[] {3, 3}), 3),
        new float[] {.8333333f, 2.1666667f, 3.5f},
        1e-5);
  }

  @Test
  void map_inThreeDimensions_mirrorsAtTheBorder() {
    assertClose("to 4", depth(4, BorderMode.MIRROR), new float[] {.25f, .25f, .75f, .75f}, 1e-6);
    assertClose("to 5", depth(5, BorderMode.MIRROR), new float[] {.3f, .1f, .5f, .9f, .7f}, 1e-6);
    assertClose(
        "to 8",
        depth(8, BorderMode.MIRROR),
        new float[] {.375f, .125f, .125f, .375f, .625f, .875f, .875f, .625f},
        1e-6);
    assertClose("clamped", depth(4, BorderMode.CLAMP), new float[] {0, .25f, .75f, 1}, 1e-6);
    assertThat(Resize.map(new float[] {0, 1}, new int[] {2, 1, 1}, new int[] {4, 1, 1}))
        .containsExactly(depth(4, BorderMode.MIRROR));
  }

  @Test
  void map_axisOfLengthOne_isConstant() {
    assertThat(Resize.map(new float[] {7}, new int[] {1, 1, 1}, new int[] {2, 2, 1}))
        .containsExactly(7, 7, 7, 7);
  }

  @Test
  void map_anotherRank_fails() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Resize.map(new float[] {7}, new int[] {1, 1}, new int[] {2, 2, 2}));
  }

  @Test
  void map_valuesThatDoNotFillTheShape_fail() {
    int[] two = {2, 2};
    for (int length : new int[] {3, 9}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Resize.map(new float[length], two, new int[] {4, 4}))
          .withMessageContaining(length + " values do not fill [2, 2]");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Resize.map(new float[4], two, new int[] {0, 2}))
        .withMessageContaining("empty");
  }

  @Test
  void map_sameSize_isAnEqualCopy() {
    float[] map = {1, 2, 3, 4};
    float[] same = Resize.map(map, new int[] {2, 2}, new int[] {2, 2});
    assertThat(same).containsExactly(map).isNotSameAs(map);
  }

  @Test
  void map_severalAxesOfAVolume_areSeparable() {
    float[] line = {.25f, .25f, .75f, .75f};
    float[] expected = new float[16];
    for (int i = 0; i < 16; i++) {
      expected[i] = 10 * line[i / 4] + line[i % 4];
    }
    assertClose(
        "2x1x2 to 4x1x4",
        Resize.map(new float[] {0, 1, 10, 11}, new int[] {2, 1, 2}, new int[] {4, 1, 4}),
        expected,
        1e-5);
  }

  @Test
  void image_negativeTies_areRoundedUp() {
    ImageArray image = ImageArray.of(new int[] {1, 2}, 1, new float[] {-2, -1}, SampleType.INTEGER);

    assertThat(Resize.image(image, 1, 1).data()).containsExactly(-1);
  }

  @Test
  void image_volumeWithClampedBorder_keepsTheEnds() {
    ImageArray volume = ImageArray.of(new int[] {2, 1, 1}, 1, new float[] {0, 1}, SampleType.UINT8);

    assertThat(Resize.image(volume, BorderMode.CLAMP, 4, 1, 1).data())
        .containsExactly(0, .25f, .75f, 1);
  }

  @Test
  void image_integersInAPlane_areRounded() {
    ImageArray image =
        ImageArray.of(new int[] {1, 2}, 2, new float[] {0, 10, 1, 20}, SampleType.UINT8);

    ImageArray wide = Resize.image(image, 1, 4);

    assertThat(wide.sampleType()).isEqualTo(SampleType.UINT8);
    assertThat(wide.data()).containsExactly(0, 10, 0, 13, 1, 18, 1, 20);
  }

  @Test
  void image_eightBits_isOpenCvsToTheBit() {
    assertThat(Resize.image(eightBits(3, 4, 1), 5, 7).data())
        .containsExactly(
            new float[] {
              0, 32, 84, 136, 170, 76, 17, //
              15, 48, 102, 155, 191, 98, 40, //
              37, 72, 128, 184, 222, 131, 75, //
              59, 96, 154, 136, 110, 110, 110, //
              74, 111, 171, 103, 35, 95, 133
            });
  }

  /** Checksums of the bytes that cv2.resize (5.0, INTER_LINEAR) makes of the same pixels. */
  @ParameterizedTest
  @CsvSource({
    "64, 64, 3, 224, 224, b6baaa87",
    "48, 80, 3, 30, 41, 12b564da",
    "7, 5, 1, 33, 2, e29ba700",
    "64, 64, 3, 32, 32, f1334397",
    "1, 9, 4, 5, 5, 2fe0ba42"
  })
  void image_eightBits_hasTheChecksumOfOpenCvs(
      int height, int width, int channels, int toHeight, int toWidth, String checksum) {
    ImageArray resized = Resize.image(eightBits(height, width, channels), toHeight, toWidth);

    assertThat(resized.sampleType()).isEqualTo(SampleType.UINT8);
    CRC32 crc = new CRC32();
    for (float value : resized.data()) {
      assertThat(value).isBetween(0f, 255f).isEqualTo((int) value);
      crc.update((int) value);
    }
    assertThat(Long.toHexString(crc.getValue())).isEqualTo(checksum);
  }

  private static ImageArray eightBits(int height, int width, int channels) {
    float[] pixels = new float[height * width * channels];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          pixels[(y * width + x) * channels + c] = (y * 37 + x * 91 + c * 53 + y * x * 7) % 256;
        }
      }
    }
    return ImageArray.of(new int[] {height, width}, channels, pixels, SampleType.UINT8);
  }

  @Test
  void image_volume_becomesFloatingPoint() {
    ImageArray volume = ImageArray.of(new int[] {2, 1, 1}, 1, new float[] {0, 1}, SampleType.UINT8);

    ImageArray resized = Resize.image(volume, 4, 1, 1);

    assertThat(resized.sampleType()).isEqualTo(SampleType.FLOAT);
    assertClose("volume", resized.data(), new float[] {.25f, .25f, .75f, .75f}, 1e-6);
  }

  private static float[] depth(int size, BorderMode border) {
    return Resize.map(new float[] {0, 1}, new int[] {2, 1, 1}, new int[] {size, 1, 1}, border);
  }
}
