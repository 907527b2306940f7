package org.aucmedi.xai.imaging.medical.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Scanner;

/** The codestreams and expected samples that {@code tools/jpeg_fixtures.py} writes. */
final class Codestreams {

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
    Scanner header =
        new Scanner(new String(bytes, 0, 20, java.nio.charset.StandardCharsets.ISO_8859_1));
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
}
