package org.aucmedi.xai.methods.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BoxesTest {

  @Test
  void segment_bandsOfColumns_areThoseOfTheFormula() {
    Superpixels bands = segment("1x4", new Shape(1, 2, 3, 10));
    assertThat(bands.count()).isEqualTo(4);
    for (int i = 0; i < 30; i++) {
      assertThat(bands.at(i)).isEqualTo(i % 10 * 4 / 10);
    }
  }

  @Test
  void segment_volume_hasBoxesAlongEachAxis() {
    Superpixels boxes = segment("2x1x3", new Shape(1, 1, 4, 2, 3));
    assertThat(boxes.labels())
        .containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 5);
  }

  @Test
  void segment_moreBoxesThanPositions_isAPositionEach() {
    assertThat(segment("9x9", new Shape(1, 1, 2, 3)).count()).isEqualTo(6);
  }

  @Test
  void segment_otherRank_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> segment("1x8", new Shape(1, 1, 4, 4, 4)))
        .withMessageContainingAll("3 axes", "boxes=1x8", "a number for each axis");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "0x2", "1x2x3x4", "axb", "", "1x"})
  void parse_noGrid_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SegmentationChoice.BOXES.parse(text))
        .withMessageContainingAll("boxes", "1x8", "'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "grid, 1x8, 100, 8",
    "grid, auto, 6, 6",
    "grid, auto, 100000, 70",
    "slic, 1x8, 30, 30",
    "auto, auto, 100, 70"
  })
  void about_anySegmentation_isTheNumberOrTheOneAskedFor(
      String segmentation, String boxes, String segments, int expected) {
    MethodOptions options =
        MethodOptions.parse(
            Profile.PAPER,
            SegmentationChoice.OPTIONS,
            Map.of("segmentation", segmentation, "boxes", boxes, "segments", segments));
    assertThat(SegmentationChoice.about(options, new int[] {7, 10})).isEqualTo(expected);
  }

  private static Superpixels segment(String boxes, Shape shape) {
    BatchAxes axes = new BatchAxes(shape, ChannelLayout.CHANNELS_FIRST);
    MethodOptions options =
        MethodOptions.of(Profile.AUCMEDI)
            .with(SegmentationChoice.OPTION, SegmentationChoice.GRID)
            .with(SegmentationChoice.BOXES, Boxes.parse(boxes));
    return SegmentationChoice.of(options, axes)
        .segment(new float[Math.toIntExact(shape.size())], axes);
  }
}
