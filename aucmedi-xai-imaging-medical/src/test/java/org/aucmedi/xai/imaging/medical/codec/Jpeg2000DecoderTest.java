package org.aucmedi.xai.imaging.medical.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that tools/jpeg2000_fixtures.py made with OpenJPEG, and broken ones. */
final class Jpeg2000DecoderTest {

  private static final Map<String, byte[]> FIXTURES = fixtures();

  private static final String REFUSED = "htj2k";

  private static Map<String, byte[]> fixtures() {
    Map<String, byte[]> entries = new TreeMap<>();
    try (InputStream in = Jpeg2000DecoderTest.class.getResourceAsStream("jpeg2000.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return entries;
  }

  private static byte[] codestream(String name) {
    return FIXTURES.get(name + ".j2k").clone();
  }

  static Stream<String> names() {
    return FIXTURES.keySet().stream()
        .filter(name -> name.endsWith(".raw"))
        .map(name -> name.substring(0, name.length() - ".raw".length()));
  }

  @Test
  void fixtures_areAllThere() {
    assertThat(names()).hasSize(45).contains("progression_rpcl", "bypass", "tiles_97", "in_boxes");
  }

  /** OpenJPEG rounds a constant of its 9/7 filter: 16 bits differ by up to two, fewer by one. */
  @ParameterizedTest
  @MethodSource("names")
  void decode_fixture_isWhatOpenJpegDecodes(String name) throws IOException {
    ByteBuffer expected = ByteBuffer.wrap(FIXTURES.get(name + ".raw"));
    DecodedFrame frame = Jpeg2000Decoder.decode(codestream(name));
    assertThat(frame.width()).isEqualTo(expected.getInt());
    assertThat(frame.height()).isEqualTo(expected.getInt());
    assertThat(frame.components()).isEqualTo(expected.getInt());
    assertThat(frame.bits()).isEqualTo(expected.getInt());
    assertThat(frame.signed()).isEqualTo(expected.getInt() == 1);
    boolean lossless = expected.getInt() == 1;
    int[] samples = new int[frame.samples().length];
    expected.asIntBuffer().get(samples);
    assertThat(expected.remaining()).isEqualTo(Integer.BYTES * samples.length);
    boolean floats = name.contains("97") || name.contains("ict");
    int most = !lossless && floats ? frame.bits() / 8 : 0;
    for (int i = 0; i < samples.length; i++) {
      if (Math.abs(frame.samples()[i] - samples[i]) > most) {
        Assertions.fail(
            "sample " + i + " is " + frame.samples()[i] + ", of OpenJPEG " + samples[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grey8", "progression_pcrl", "bypass_terminated", "in_boxes", "layers"})
  void decode_cutShort_isRefusedOrWhole(String name) throws IOException {
    byte[] data = codestream(name);
    int[] whole = Jpeg2000Decoder.decode(data).samples();
    for (int length = 0; length < data.length - 2; length += 1 + length / 50) {
      byte[] part = Arrays.copyOf(data, length);
      assertThatExceptionOfType(IOException.class)
          .as("%s of %s bytes", length, data.length)
          .isThrownBy(() -> Jpeg2000Decoder.decode(part))
          .withMessage("the file ends early");
    }
    byte[] withoutEnd = Arrays.copyOf(data, data.length - 2);
    assertThat(Jpeg2000Decoder.decode(withoutEnd).samples()).isEqualTo(whole);
    byte[] padded = Arrays.copyOf(data, data.length + 1);
    assertThat(Jpeg2000Decoder.decode(padded).samples()).isEqualTo(whole);
  }

  @Test
  void decode_missingTile_isRefused() {
    byte[] data = codestream("tiles");
    int first = find(data, 0xff90, 0);
    int second = find(data, 0xff90, first + 2);
    byte[] without = new byte[data.length - (second - first)];
    System.arraycopy(data, 0, without, 0, first);
    System.arraycopy(data, second, without, first, data.length - second);
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(without))
        .withMessage("the file ends early");
  }

  @Test
  void decode_missingTilePart_isRefused() {
    byte[] data = codestream("tile_parts");
    int first = find(data, 0xff90, 0);
    int second = find(data, 0xff90, first + 2);
    byte[] without = new byte[data.length - (second - first)];
    System.arraycopy(data, 0, without, 0, first);
    System.arraycopy(data, second, without, first, data.length - second);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(without))
        .withMessage("its JPEG 2000 data is damaged: a part of tile 0 is missing");
  }

  @Test
  void decode_highThroughput_isRefusedByName() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(codestream(REFUSED)))
        .withMessageContaining("HTJ2K");
  }

  @Test
  void decode_packedPacketHeaders_areRefusedByName() {
    byte[] data = codestream("grey8");
    int comment = find(data, 0xff64, 0);
    data[comment + 1] = 0x60;
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data))
        .withMessageContaining("packed packet headers");
  }

  @Test
  void decode_somethingElse_isRefused() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode("\u0089PNG\r\n, not this".getBytes(ISO_8859_1)))
        .withMessage("it holds no JPEG 2000 codestream");
  }

  @Test
  void decode_wrongSegmentationSymbol_isRefused() {
    byte[] data = codestream("segmentation_symbols");
    for (int i = data.length - 600; i < data.length - 590; i++) {
      data[i] ^= 0x55;
    }
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data))
        .withMessageContaining("damaged");
  }

  @Test
  void decode_moreSamplesThanTheLimit_isRefused() throws IOException {
    byte[] data = codestream("rgb_rct");
    int samples = Jpeg2000Decoder.decode(data).samples().length;
    assertThat(Jpeg2000Decoder.decode(data, samples).samples()).hasSize(samples);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data, samples - 1))
        .withMessage(
            "its JPEG 2000 image has 38 x 33 pixels of 3 components, more than the limit of "
                + (samples - 1)
                + " samples");
  }

  /** A header's claim takes no memory: 2 GiB of samples, and tiles of any size, of a few bytes. */
  @Test
  void decode_hugeClaim_isRefused() {
    byte[] data = codestream("one_pixel");
    int size = find(data, 0xff51, 0) + 6;
    ByteBuffer.wrap(data).putInt(size, 40_000).putInt(size + 4, 40_000);
    ByteBuffer.wrap(data).putInt(size + 16, 40_000).putInt(size + 20, 40_000);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data))
        .withMessageContaining("40000 x 40000 pixels");
    ByteBuffer.wrap(data).putInt(size, -1).putInt(size + 4, -1);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Jpeg2000Decoder.decode(data))
        .withMessageContaining("4294967295 columns");
  }

  @Test
  void decode_mutations_throwNothingButIoException() {
    String[] names = Stream.concat(names(), Stream.of(REFUSED)).toArray(String[]::new);
    Random random = new Random(15444);
    int[] refused = {0};
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < 3000; i++) {
            byte[] data = codestream(names[i % names.length]);
            mutate(data, random);
            try {
              Jpeg2000Decoder.decode(data, 1 << 20);
            } catch (IOException e) {
              assertThat(e).hasMessageMatching("(it|its|the) .*");
              refused[0]++;
            }
          }
        });
    assertThat(refused[0]).isGreaterThan(1000);
  }

  /** Changes some bytes, more often in the headers. */
  private static void mutate(byte[] data, Random random) {
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(random.nextBoolean() ? data.length : Math.min(data.length, 180));
      data[at] =
          (byte)
              switch (random.nextInt(4)) {
                case 0 -> random.nextInt(256);
                case 1 -> data[at] ^ 1 << random.nextInt(8);
                case 2 -> data[at] + 1;
                default -> random.nextBoolean() ? 0xff : 0;
              };
    }
  }

  private static int find(byte[] data, int marker, int from) {
    for (int i = from; i < data.length - 1; i++) {
      if ((data[i] & 0xff) == marker >> 8 && (data[i + 1] & 0xff) == (marker & 0xff)) {
        return i;
      }
    }
    throw new AssertionError("no marker " + Integer.toHexString(marker));
  }
}
