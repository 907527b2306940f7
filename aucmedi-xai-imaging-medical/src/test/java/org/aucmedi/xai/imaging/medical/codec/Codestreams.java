package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Scanner;

/** The codestreams and expected samples that {@code tools/jpeg_fixtures.py} writes. */
final class Codestreams {

  /** A decoder. */
  interface Decoder {
    DecodedFrame decode(byte[] codestream) throws IOException;
  }

  private Codestreams() {}

  static byte[] read(String name) throws IOException {
    try (InputStream in = Codestreams.class.getResourceAsStream("/jpeg/" + name)) {
      assertThat(in).as("the resource " + name).isNotNull();
      return in.readAllBytes();
    }
  }

  /** A picture of the samples, with the bits of a sample that its file gives. */
  static DecodedFrame picture(String name) throws IOException {
    byte[] bytes = read(name + ".pnm");
    Scanner header = new Scanner(new String(bytes, 0, 20, StandardCharsets.ISO_8859_1));
    int components = header.next().equals("P6") ? 3 : 1;
    int width = header.nextInt();
    int height = header.nextInt();
    int bits = header.nextInt() > 255 ? 16 : 8;
    int[] samples = new int[width * height * components];
    int at = bytes.length - samples.length * bits / 8;
    for (int i = 0; i < samples.length; i++) {
      samples[i] = bytes[at++] & 0xff;
      if (bits == 16) {
        samples[i] = (samples[i] << 8) | (bytes[at++] & 0xff);
      }
    }
    return new DecodedFrame(width, height, components, bits, false, samples);
  }

  /** Compares a decoded image with a picture. */
  static void check(DecodedFrame image, DecodedFrame expected, int bits, int tolerance) {
    assertThat(image.width()).isEqualTo(expected.width());
    assertThat(image.height()).isEqualTo(expected.height());
    assertThat(image.components()).isEqualTo(expected.components());
    assertThat(image.bits()).isEqualTo(bits);
    assertThat(image.signed()).isFalse();
    assertThat(image.samples()).hasSameSizeAs(expected.samples());
    for (int i = 0; i < expected.samples().length; i++) {
      int got = image.samples()[i];
      int want = expected.samples()[i];
      if (Math.abs(got - want) > tolerance) {
        int pixel = i / image.components();
        throw new AssertionError(
            String.format(
                "row %d, column %d, component %d: got %d, expected %d",
                pixel / image.width(), pixel % image.width(), i % image.components(), got, want));
      }
    }
  }

  /** Where the first marker with a second byte starts. */
  static int marker(byte[] codestream, int second) {
    for (int i = 0; i + 1 < codestream.length; i++) {
      if (codestream[i] == (byte) 0xff && codestream[i + 1] == (byte) second) {
        return i;
      }
    }
    throw new AssertionError("no marker " + Integer.toHexString(second));
  }

  static byte[] insert(byte[] codestream, int position, byte[] inserted) {
    byte[] longer = Arrays.copyOf(codestream, codestream.length + inserted.length);
    System.arraycopy(inserted, 0, longer, position, inserted.length);
    System.arraycopy(
        codestream, position, longer, position + inserted.length, codestream.length - position);
    return longer;
  }

  /** Decodes each part that lacks more than the marker at the end. */
  static void checkTruncated(byte[] codestream, Decoder decoder) {
    for (int length = 0; length < codestream.length - 2; length++) {
      byte[] part = Arrays.copyOf(codestream, length);
      assertThatThrownBy(() -> decoder.decode(part))
          .as("the first %s bytes", length)
          .isInstanceOf(IOException.class);
    }
    byte[] withoutEnd = Arrays.copyOf(codestream, codestream.length - 2);
    assertThatCode(() -> decoder.decode(withoutEnd)).doesNotThrowAnyException();
  }

  /** Decodes damaged copies: bytes changed, removed or put in, the rest cut off. */
  static void checkDamaged(byte[] codestream, int copies, Decoder decoder) {
    Random random = new Random(codestream.length);
    int refused = 0;
    for (int i = 0; i < copies; i++) {
      byte[] damaged = codestream.clone();
      // Half of the damage strikes the headers.
      int range = i % 2 == 0 ? damaged.length : Math.min(damaged.length, 120);
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(range);
        switch (random.nextInt(8)) {
          case 0 -> damaged[at] = (byte) 0xff;
          case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
          case 2 -> damaged = insert(damaged, at, new byte[1 + random.nextInt(3)]);
          case 3 -> System.arraycopy(damaged, at + 1, damaged, at, damaged.length - at - 1);
          default -> damaged[at] = (byte) random.nextInt(256);
        }
      }
      if (i % 10 == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      try {
        assertThat(decoder.decode(damaged).samples()).isNotEmpty();
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("\\w[^\\n]+[^.]");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(copies / 10);
  }
}
