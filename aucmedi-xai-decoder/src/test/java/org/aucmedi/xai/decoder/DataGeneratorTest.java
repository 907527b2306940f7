package org.aucmedi.xai.decoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Bytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.imaging.Window;
import org.aucmedi.xai.imaging.Windowing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataGeneratorTest {

  @TempDir private Path folder;

  @BeforeEach
  void save() throws IOException {
    Npy.write(
        folder.resolve("a.npy"), new int[] {5, 1, 2}, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }

  @Test
  void load_declaredAxes_areTaken() {
    DataGenerator.Sample sample = builder().optAxes(ImageAxes.of("CHW")).build().load(0);

    assertThat(sample.input().channels()).isEqualTo(5);
    assertThat(sample.input().data()).containsExactly(0, 2, 4, 6, 8, 1, 3, 5, 7, 9);
  }

  @Test
  void load_exifOrientation_isFollowedIfAskedFor() throws IOException {
    Path file = Files.write(folder.resolve("turned.png"), pngShownTurnedRight());
    DataGenerator.Builder builder =
        DataGenerator.builder()
            .addSample("turned.png", file)
            .optGrayscale(true)
            .optStandardize(Standardize.NONE);

    assertThat(builder.build().load(0).input().spatialShape()).containsExactly(1, 2);
    DataGenerator.Sample turned = builder.optExifOrientation(true).build().load(0);
    assertThat(turned.original().spatialShape()).containsExactly(2, 1);
    assertThat(turned.input().data()).containsExactly(0, 255);
  }

  /** Black and white side by side, with a chunk eXIf of orientation 6 before the last one. */
  private static byte[] pngShownTurnedRight() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    picture.getRaster().setSample(1, 0, 0, 255);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    ByteBuffer chunk =
        ByteBuffer.allocate(38).putInt(26).put("eXIfMM\0*".getBytes(UTF_8)).putInt(8);
    chunk.putShort((short) 1).putShort((short) 274).putShort((short) 3).putInt(1);
    chunk.putShort((short) 6).putShort((short) 0).putInt(0);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 30);
    chunk.putInt((int) crc.getValue());
    int end = png.size() - 12;
    return Bytes.concat(
        Arrays.copyOf(png.toByteArray(), end),
        chunk.array(),
        Arrays.copyOfRange(png.toByteArray(), end, png.size()));
  }

  @Test
  void load_ownMeanAndStd_areAppliedPerChannel() {
    DataGenerator.Sample sample =
        builder()
            .optAxes(ImageAxes.of("HWC"))
            .optStandardize(Standardize.of("mean=1,2;std=0.5,2"))
            .build()
            .load(0);

    assertThat(sample.input().data())
        .containsExactly(-2, -0.5f, 2, 0.5f, 6, 1.5f, 10, 2.5f, 14, 3.5f);
  }

  @Test
  void load_window_comesBeforeStandardisation() {
    DataGenerator.Sample sample =
        builder()
            .optAxes(ImageAxes.of("HWC"))
            .optWindow(Windowing.of(new Window(4, 8, Window.Function.LINEAR_EXACT)))
            .optStandardize(Standardize.of("rescale"))
            .build()
            .load(0);

    assertThat(sample.input().data())
        .containsExactly(
            new float[] {0, .125f, .25f, .375f, .5f, .625f, .75f, .875f, 1, 1}, within(1e-6f));
    assertThat(sample.original().data()[4]).isEqualTo(127.5f);
  }

  @Test
  void load_moreThanMaxPixels_isRefused() {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> builder().optMaxPixels(3).build().load(0))
        .withMessageContaining("more values than the 9 allowed");
    assertThat(builder().optMaxPixels(4).build().load(0).input().spatialShape())
        .containsExactly(5, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().optMaxPixels(0))
        .withMessageContaining("got 0");
  }

  @Test
  void optResize_absurdSize_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().optResize(99_999, 99_999))
        .withMessage(
            "a size of [99999, 99999] has 9999800001 pixels, more than the 100000000 allowed; take"
                + " a smaller one");
  }

  private DataGenerator.Builder builder() {
    return DataGenerator.builder()
        .addSamples(folder, List.of("a.npy"))
        .optStandardize(Standardize.NONE);
  }
}
