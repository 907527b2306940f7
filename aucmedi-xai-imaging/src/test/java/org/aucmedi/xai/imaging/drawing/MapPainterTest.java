package org.aucmedi.xai.imaging.drawing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.aucmedi.xai.RawScale;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.array.SampleType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MapPainterTest {

  private static final RawScale SCALE = new RawScale(0, 1);

  @Test
  void picture_defaults_areAucmedis() {
    ImageArray image = image(3, null, 9, 7);
    ImageArray heat = heat(null, 9, 7);

    BufferedImage picture = new MapPainter(Drawing.DEFAULT).picture(image, heat, SCALE);

    assertSame(picture, Overlay.blend(image, heat.values(), 0.25f));
  }

  @Test
  void picture_mapAlone_isGreyOrInItsColours() {
    ImageArray heat = heat(null, 9, 7);
    Drawing alone = Drawing.DEFAULT.withOverlay(false);

    BufferedImage grey = new MapPainter(alone).picture(heat, heat, SCALE);
    BufferedImage colours =
        new MapPainter(alone.withColormap(Colormap.CIVIDIS)).picture(heat, heat, SCALE);
    BufferedImage withBar = new MapPainter(alone.withColorBar(true)).picture(heat, heat, SCALE);

    assertThat(grey.getType()).isEqualTo(BufferedImage.TYPE_BYTE_GRAY);
    assertSame(colours, Overlay.colours(heat.values(), 9, 7, Colormap.CIVIDIS));
    for (int i = 0; i < 63; i++) {
      int value = grey.getRaster().getSample(i % 7, i / 7, 0);
      assertThat(value).isEqualTo((int) (255 * heat.values()[i]));
      assertThat(withBar.getRGB(i % 7, i / 7) & 0xffffff).isEqualTo(0x010101 * value);
    }
  }

  /** Four slices of 200 x 150 lie two by two, 2 pixels apart. */
  @Test
  void picture_montage_hasEverySliceAtItsPlace() {
    ImageArray volume = image(1, null, 4, 200, 150);
    ImageArray heat = heat(null, 4, 200, 150);

    BufferedImage picture = new MapPainter(Drawing.DEFAULT).picture(volume, heat, SCALE);

    assertThat(picture.getWidth()).isEqualTo(302);
    assertThat(picture.getHeight()).isEqualTo(402);
    SliceView view = SliceView.across(0, null);
    for (int slice = 0; slice < 4; slice++) {
      BufferedImage expected =
          Overlay.blend(view.slice(volume, slice), view.slice(heat, slice).values(), 0.25f);
      // Below the number.
      assertThat(picture.getRGB(slice % 2 * 152, slice / 2 * 202 + 30, 150, 170, null, 0, 150))
          .containsExactly(expected.getRGB(0, 30, 150, 170, null, 0, 150));
    }
    assertThat(picture.getRGB(150, 100) & 0xffffff).isZero();
    assertThat(picture.getRGB(151, 100) & 0xffffff).isZero();
    assertThat(picture.getRGB(100, 201) & 0xffffff).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    // Voxels of 1 x 2 mm: 50 x 100 become 100 mm x 100 mm, twice enlarged to reach 128 pixels.
    "1, 50, 100, 200, 200",
    // 600 mm x 400 mm are scaled to 384 pixels.
    "1, 300, 400, 384, 256",
    "1, 1, 1, 128, 64"
  })
  void picture_montage_keepsTheVoxelsProportions(
      int slices, int rows, int columns, int height, int width) {
    Geometry geometry = SliceViewTest.geometry("LPS");
    ImageArray heat = heat(geometry, slices, rows, columns);

    BufferedImage picture =
        new MapPainter(Drawing.DEFAULT.withOverlay(false)).picture(heat, heat, SCALE);

    assertThat(picture.getHeight()).isEqualTo(height);
    assertThat(picture.getWidth()).isEqualTo(width);
  }

  @Test
  void chosen_manySlices_areEvenlySpacedWithThePeak() {
    assertThat(Montage.chosen(25, 3)).containsExactly(IntStream.range(0, 25).toArray());
    int[] chosen = Montage.chosen(241, 23);
    int[] expected = new int[25];
    Arrays.setAll(expected, i -> i == 2 ? 23 : 10 * i);
    assertThat(chosen).containsExactly(expected);
  }

  /** A volume of 40 x 60 x 60 mm along x, y and z, drawn with 4 pixels a millimetre. */
  @Test
  void picture_cuts_showThePeakUnderTheCrossHair() {
    float[] values = new float[20 * 30 * 40];
    values[(5 * 30 + 10) * 40 + 20] = 1;
    ImageArray heat =
        ImageArray.of(new int[] {20, 30, 40}, 1, values, SampleType.FLOAT)
            .withGeometry(SliceViewTest.geometry("LPS"));
    Drawing drawing = Drawing.DEFAULT.withOverlay(false).withVolumeView(VolumeView.CUTS);

    BufferedImage picture = new MapPainter(drawing).picture(heat, heat, SCALE);

    // Axial 40 x 60 mm (x, y), coronal 40 x 60 (x, z), sagittal 60 x 60.
    assertThat(picture.getHeight()).isEqualTo(240);
    assertThat(picture.getWidth()).isEqualTo(160 + 4 + 160 + 4 + 240);
    // x = 20.5 mm; y = 10.5 * 2 mm; z runs up: (20 - 5.5) * 3 mm.
    int x = 82;
    int y = 84;
    int z = 174;
    assertCrossHair(picture, 0, x, y);
    assertCrossHair(picture, 164, x, z);
    assertCrossHair(picture, 328, y, z);
  }

  /** The peak is the brightest place, with lines of 170 in every direction but none close to it. */
  private static void assertCrossHair(BufferedImage picture, int left, int x, int y) {
    assertThat(grey(picture, left + x, y)).isGreaterThan(200);
    for (int[] way : new int[][] {{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
      int px = left + x + 25 * way[0];
      int py = y + 25 * way[1];
      assertThat(grey(picture, px, py)).isEqualTo(170);
      assertThat(grey(picture, px + way[1], py + way[0])).isZero();
      assertThat(grey(picture, px - way[1], py - way[0])).isZero();
    }
  }

  private static int grey(BufferedImage picture, int x, int y) {
    return picture.getRaster().getSample(x, y, 0);
  }

  @Test
  void picture_cutsOfASignedMap_goThroughTheStrongestValue() {
    float[] values = new float[3 * 4 * 5];
    Arrays.fill(values, 0.5f);
    values[59] = 0.9f;
    values[27] = 0;
    ImageArray heat = ImageArray.of(new int[] {3, 4, 5}, 1, values, SampleType.FLOAT);

    assertThat(new SlicePainter(Drawing.DEFAULT.withColormap(Colormap.COOLWARM), null, heat).peak())
        .containsExactly(1, 1, 2);
    assertThat(new SlicePainter(Drawing.DEFAULT, null, heat).peak()).containsExactly(2, 3, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void frames_volume_areItsSlicesPixelByPixel(int axis) {
    ImageArray volume = image(3, null, 4, 6, 5);
    ImageArray heat = heat(null, 4, 6, 5);

    List<BufferedImage> frames = frames(Drawing.DEFAULT.withGifAxis(axis), volume, heat);

    assertThat(frames).hasSize(new int[] {4, 6, 5}[axis]);
    SliceView view = SliceView.across(axis, null);
    for (int n = 0; n < frames.size(); n++) {
      assertSame(
          frames.get(n), Overlay.blend(view.slice(volume, n), view.slice(heat, n).values(), 0.25f));
    }
  }

  @Test
  void frames_elongatedVoxels_keepTheirProportions() {
    ImageArray heat = heat(SliceViewTest.geometry("LPS"), 4, 6, 5);

    List<BufferedImage> frames = frames(Drawing.DEFAULT.withOverlay(false), heat, heat);

    // Rows: coronal slices of 4 x 3 mm by 5 x 1 mm.
    assertThat(frames).hasSize(6);
    assertThat(frames.get(0).getHeight()).isEqualTo(12);
    assertThat(frames.get(0).getWidth()).isEqualTo(5);
  }

  @Test
  void frames_needles_areBounded() {
    Geometry needle =
        Geometry.of(
            new double[] {0.001, 1, 1000},
            new double[3],
            new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
    ImageArray heat = heat(needle, 4, 6, 5);

    BufferedImage frame = frames(Drawing.DEFAULT.withOverlay(false), heat, heat).get(0);

    assertThat(frame.getHeight()).isEqualTo(2048);
    assertThat(frame.getWidth()).isEqualTo(1);
  }

  @Test
  void frames_picture_isOne() {
    ImageArray image = image(3, null, 9, 7);
    ImageArray heat = heat(null, 9, 7);

    List<BufferedImage> frames = frames(Drawing.DEFAULT, image, heat);

    assertThat(frames).hasSize(1);
    assertSame(frames.get(0), Overlay.blend(image, heat.values(), 0.25f));
  }

  /** A slice without extremes is not stretched by itself. */
  @Test
  void frames_hounsfieldUnits_haveOneWindowForAllSlices() {
    ImageArray volume =
        ImageArray.of(new int[] {2, 1, 2}, 1, new float[] {-1000, 3000, 0, 1}, SampleType.INTEGER);
    ImageArray heat = heat(null, 2, 1, 2);
    Drawing drawing = Drawing.DEFAULT.withAlpha(0).withGifAxis(0);

    BufferedImage auto = frames(drawing, volume, heat).get(1);
    BufferedImage windowed =
        frames(drawing.withWindow(DisplayWindow.of(0, 4)), volume, heat).get(1);

    assertThat(grey(auto, 0, 0)).isEqualTo(64);
    assertThat(grey(auto, 1, 0)).isEqualTo(64);
    assertThat(grey(windowed, 0, 0)).isEqualTo(128);
    assertThat(grey(windowed, 1, 0)).isEqualTo(191);
  }

  @Test
  void picture_mapOfAnotherShape_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new MapPainter(Drawing.DEFAULT)
                    .picture(image(3, null, 9, 7), heat(null, 9, 8), SCALE))
        .withMessage("a map of [9, 8] does not fit an image of [9, 7]; resize it first");
  }

  @Test
  void check_imageThatNoOverlayShows_isRefusedButNotForTheMapAlone() {
    ImageArray many = image(13, null, 2, 2);

    new MapPainter(Drawing.DEFAULT.withOverlay(false)).check(many);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MapPainter(Drawing.DEFAULT).check(many))
        .withMessageContaining("1 or 3 channels, got 13");
  }

  private static List<BufferedImage> frames(Drawing drawing, ImageArray image, ImageArray heat) {
    List<BufferedImage> frames = new ArrayList<>();
    Iterator<BufferedImage> made = new MapPainter(drawing).frames(image, heat, SCALE);
    made.forEachRemaining(frames::add);
    return frames;
  }

  private static void assertSame(BufferedImage picture, BufferedImage expected) {
    int width = expected.getWidth();
    int height = expected.getHeight();
    assertThat(picture.getWidth()).isEqualTo(width);
    assertThat(picture.getHeight()).isEqualTo(height);
    assertThat(picture.getRGB(0, 0, width, height, null, 0, width))
        .containsExactly(expected.getRGB(0, 0, width, height, null, 0, width));
  }

  private static ImageArray image(int channels, @Nullable Geometry geometry, int... shape) {
    return random(channels, 255, SampleType.UINT8, shape).withGeometry(geometry);
  }

  private static ImageArray heat(@Nullable Geometry geometry, int... shape) {
    return random(1, 1, SampleType.FLOAT, shape).withGeometry(geometry);
  }

  private static ImageArray random(int channels, int most, SampleType type, int... shape) {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[channels * Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          type == SampleType.UINT8 ? random.nextInt(most + 1) : (float) random.nextDouble(most);
    }
    return ImageArray.of(shape, channels, values, type);
  }
}
