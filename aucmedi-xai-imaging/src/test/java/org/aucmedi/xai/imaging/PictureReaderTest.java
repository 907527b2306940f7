package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

final class PictureReaderTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(PictureFormat.class)
  void newReader_isThePluginOfTheJdk(PictureFormat format) throws IOException {
    assertThat(format.newReader().getClass().getName())
        .startsWith("com.sun.imageio.plugins.")
        .containsIgnoringCase(format.name());
  }

  @Test
  void recognises_startsOfPictures_only() {
    PictureReader reader = new PictureReader();

    for (String start : List.of("GIF89a", "\u00ff\u00d8\u00ff\u00e0", "MM\0*", "II+\0")) {
      assertThat(reader.recognises(start.getBytes(StandardCharsets.ISO_8859_1))).isTrue();
    }
    for (String start : List.of("", "G", "BM is short for bitmap", "II", "NRRD0004", "PK")) {
      assertThat(reader.recognises(start.getBytes(StandardCharsets.ISO_8859_1))).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"turned-6.jpg", "turned-6.png"})
  void load_orientationThatIsIgnored_isWarnedOfOnce(String name) throws URISyntaxException {
    Path file = fixture(name);

    List<ILoggingEvent> warnings = warningsOf(file, false);

    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(warnings.get(0).getFormattedMessage())
        .contains(file.toString(), "EXIF orientation 6", "--exif-orientation");
    assertThat(warningsOf(file, true)).isEmpty();
    assertThat(warningsOf(fixture("turned-1." + name.substring(9)), false)).isEmpty();
  }

  @Test
  void load_jpegOfNoise_isRefusedWithoutReadingItAll() throws IOException {
    byte[] noise = new byte[1 << 20];
    noise[0] = (byte) 0xff;
    noise[1] = (byte) 0xd8;
    noise[2] = (byte) 0xff;

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(Files.write(folder.resolve("noise.jpg"), noise), false))
        .withMessageContaining(
            "noise.jpg: it is damaged or no picture: its header is damaged; save");
  }

  @Test
  void load_tiffWhosePagesRunInACircle_isRefused() throws IOException {
    byte[] tiff = new Tiff().of(1, 2);
    ByteBuffer file = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(tiff.length - Integer.BYTES, file.getInt(Integer.BYTES));

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(Files.write(folder.resolve("a.tif"), tiff), false))
        .withMessageContaining("its list of pages runs in a circle; save it again");
  }

  @Test
  void apply_volume_turnsEveryPlane() {
    ImageArray volume =
        ImageArray.of(new int[] {2, 1, 3}, 1, new float[] {1, 2, 3, 4, 5, 6}, SampleType.INTEGER);

    ImageArray turned = Orientation.apply(8, volume);

    // A quarter turn to the left.
    assertThat(turned.spatialShape()).containsExactly(2, 3, 1);
    assertThat(turned.data()).containsExactly(3, 2, 1, 6, 5, 4);
    assertThat(turned.sampleType()).isEqualTo(SampleType.INTEGER);
  }

  private static List<ILoggingEvent> warningsOf(Path file, boolean exifOrientation) {
    Logger logger = (Logger) LoggerFactory.getLogger(PictureReader.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.WARN);
    try {
      ImageLoader.load(file, ImageLoader.Options.DEFAULT.withExifOrientation(exifOrientation));
    } finally {
      logger.setLevel(null);
      logger.detachAppender(log);
    }
    return log.list;
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(PictureReaderTest.class.getResource("/pictures/" + name)).toURI());
  }
}
