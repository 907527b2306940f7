package org.aucmedi.xai.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;

final class SpriteTest {

  private static int at(Sprite sprite, int x, int y) {
    return sprite.picture().getRaster().getSample(x, y, 0);
  }

  @Test
  void of_volume_laysItsSlicesSideBySide() {
    float[] values = new float[4 * 2 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Geometry geometry =
        Geometry.of(
            new double[] {1, 2, 5},
            new double[3],
            new double[][] {{1, 0, 0}, {0, -1, 0}, {0, 0, 1}});

    Sprite sprite =
        Sprite.of(
            ImageArray.of(new int[] {4, 2, 3}, 1, values, SampleType.UINT8).withGeometry(geometry),
            DisplayWindow.AUTO);

    assertThat(sprite.layout())
        .isEqualTo(
            new Layout(
                List.of(4, 2, 3), List.of(4, 2, 3), 2, List.of(5.0, 2.0, 1.0), "LAS", null, null));
    assertThat(sprite.picture().getWidth()).isEqualTo(6);
    assertThat(sprite.picture().getHeight()).isEqualTo(4);
    // Slice 3, row 1, column 2.
    assertThat(at(sprite, 5, 3)).isEqualTo(23);
    assertThat(sprite.middle().getRaster().getSample(0, 0, 0)).isEqualTo(12);
    assertThat(Layout.parse(sprite.layout().toJson())).isEqualTo(sprite.layout());
  }

  @Test
  void of_largeImage_isTheMeansOfItsBlocks() {
    float[] values = new float[1025 * 2];
    values[0] = 8;
    values[2] = 4;
    values[2048] = 6;

    Sprite sprite =
        Sprite.of(
            ImageArray.of(new int[] {1025, 2}, 1, values, SampleType.UINT8), DisplayWindow.AUTO);

    assertThat(sprite.layout().shape()).containsExactly(1025, 2);
    assertThat(sprite.layout().size()).containsExactly(513, 1);
    assertThat(at(sprite, 0, 0)).isEqualTo(3);
    // The last block has one row.
    assertThat(at(sprite, 0, 512)).isEqualTo(3);
  }

  @Test
  void of_coloursBeyond255_areDrawnByPercentiles() {
    Sprite sprite =
        Sprite.of(
            ImageArray.of(
                new int[] {1, 2}, 3, new float[] {0, 0, 0, 4000, 4000, 4000}, SampleType.FLOAT),
            DisplayWindow.AUTO);

    assertThat(sprite.picture().getRGB(0, 0)).isEqualTo(0xff000000);
    assertThat(sprite.picture().getRGB(1, 0)).isEqualTo(0xffffffff);
  }

  @Test
  void of_twoChannels_isTheFirst() {
    Sprite sprite =
        Sprite.of(
            ImageArray.of(new int[] {1, 2}, 2, new float[] {9, 99, 8, 98}, SampleType.UINT8),
            DisplayWindow.NONE);

    assertThat(at(sprite, 0, 0)).isEqualTo(9);
    assertThat(at(sprite, 1, 0)).isEqualTo(8);
  }

  @Test
  void ofRawMap_notFinite_hasNoRange() {
    Sprite sprite =
        Sprite.ofRawMap(
            ImageArray.of(new int[] {1, 2}, 1, new float[] {Float.NaN, 1}, SampleType.FLOAT));

    assertThat(sprite.layout().low()).isNull();
    assertThat(sprite.layout().high()).isNull();
    assertThat(at(sprite, 0, 0)).isZero();
  }

  @Test
  void thumbnail_ofAWideImage_keepsItsProportions() {
    Sprite image =
        Sprite.of(
            ImageArray.of(new int[] {10, 40}, 1, new float[400], SampleType.UINT8),
            DisplayWindow.AUTO);
    float[] hot = new float[400];
    hot[399] = 1;
    Sprite map = Sprite.ofMap(ImageArray.of(new int[] {10, 40}, 1, hot, SampleType.FLOAT), 0, 1);

    assertThat(Thumbnail.of(image).getWidth()).isEqualTo(96);
    assertThat(Thumbnail.of(image).getHeight()).isEqualTo(24);
    assertThat(Thumbnail.overlay(image, map).getRGB(0, 0)).isEqualTo(0xff000000);
    // Three quarters of inferno's last colour, 252, 255, 164.
    assertThat(Thumbnail.overlay(image, map).getRGB(95, 23)).isEqualTo(0xffbdbf7b);
  }
}
