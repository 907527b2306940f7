package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageLoaderTest {

  @TempDir private Path folder;

  @Test
  void load_rgbPng_keepsEverySample() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0x0a141e);
    picture.setRGB(1, 0, 0xff0080);

    ImageArray image = ImageLoader.load(save(picture, "png"), false);

    assertThat(image.spatialShape()).containsExactly(1, 2);
    assertThat(image.sampleType()).isEqualTo(SampleType.UINT8);
    assertThat(image.data()).containsExactly(10, 20, 30, 255, 0, 128);
  }

  @Test
  void load_alpha_isDroppedWithoutBlending() throws IOException {
    BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    picture.setRGB(0, 0, 0x100a141e);

    assertThat(ImageLoader.load(save(picture, "png"), false).data()).containsExactly(10, 20, 30);
  }

  @Test
  void load_greyPng_isNotToneMapped() throws IOException {
    BufferedImage picture = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 256; i++) {
      picture.getRaster().setSample(i, 0, 0, i);
    }

    ImageArray image = ImageLoader.load(save(picture, "png"), false);

    for (int i = 0; i < 256; i++) {
      assertThat(Arrays.copyOfRange(image.data(), 3 * i, 3 * i + 3)).containsExactly(i, i, i);
    }
  }

  @Test
  void load_sixteenBitGrey_isScaledNotClippedNorRounded() throws IOException {
    BufferedImage picture = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
    picture.getRaster().setSample(0, 0, 0, 0);
    picture.getRaster().setSample(1, 0, 0, 32768);
    picture.getRaster().setSample(2, 0, 0, 65535);

    ImageArray image = ImageLoader.load(save(picture, "png"), true);

    assertThat(image.data()).containsExactly(0, (float) (255.0 * 32768 / 65535), 255);
    assertThat(image.sampleType()).isEqualTo(SampleType.FLOAT);
  }

  @Test
  void load_sixteenBitGrey_keepsItsPrecisionWhenResized() throws IOException {
    BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY);
    picture.getRaster().setPixels(0, 0, 2, 2, new int[] {1000, 1001, 1000, 1003});

    ImageArray image = Resize.image(ImageLoader.load(save(picture, "png"), true), 1, 1);

    // 8-bit pictures would be cut off at whole grey levels.
    assertThat(image.at(0, 0, 0)).isCloseTo(1001f / 257, within(1e-6f));
  }

  @Test
  void load_sixteenBitRgb_isScaledNotClipped() throws IOException {
    BufferedImage picture = deep(ColorSpace.CS_sRGB, false, DataBuffer.TYPE_USHORT);
    picture.getRaster().setPixel(0, 0, new int[] {65535, 1799, 128});

    assertThat(ImageLoader.load(save(picture, "png"), false).data())
        .containsExactly(255, 7, 128 / 257f);
  }

  @Test
  void load_greyWithAlpha_isDroppedWithoutBlending() throws IOException {
    BufferedImage picture = deep(ColorSpace.CS_GRAY, true, DataBuffer.TYPE_BYTE);
    picture.getRaster().setPixel(0, 0, new int[] {77, 3});

    assertThat(ImageLoader.load(save(picture, "png"), false).data()).containsExactly(77, 77, 77);
  }

  @Test
  void load_bmpOfUnequalComponents_reachesWhite() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_565_RGB);
    picture.setRGB(0, 0, 0xffffff);
    picture.setRGB(1, 0, 0xff0000);

    assertThat(ImageLoader.load(save(picture, "bmp"), false).data())
        .containsExactly(255, 255, 255, 255, 0, 0);
  }

  @Test
  void load_jpegOfFourComponents_isInvertedInks() throws IOException {
    Raster cmyk = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(jpeg)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(cmyk, null, null), null);
    } finally {
      writer.dispose();
    }

    // All inks are 0 as stored, so full, so black.
    assertThat(ImageLoader.load(write(jpeg.toByteArray(), "jpg"), false).data())
        .containsOnly(0)
        .hasSize(768);
  }

  @Test
  void load_palette_isExpanded() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED);
    picture.setRGB(0, 0, 0xffff0000);
    picture.setRGB(1, 0, 0xff0000ff);

    assertThat(ImageLoader.load(save(picture, "png"), false).data())
        .containsExactly(255, 0, 0, 0, 0, 255);
  }

  @Test
  void load_grayscale_isLuma() throws IOException {
    BufferedImage picture = new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0xff0000);
    picture.setRGB(1, 0, 0x00ff00);
    picture.setRGB(2, 0, 0x0000ff);

    ImageArray image = ImageLoader.load(save(picture, "png"), true);

    assertThat(image.channels()).isEqualTo(1);
    assertThat(image.data()).containsExactly(76, 150, 29);
  }

  @Test
  void load_jpeg_isClose() throws IOException {
    BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      picture.setRGB(i % 16, i / 16, 0x406080);
    }

    float[] pixel = Arrays.copyOf(ImageLoader.load(save(picture, "jpg"), false).data(), 3);

    assertThat(pixel[0]).isBetween(61f, 67f);
    assertThat(pixel[1]).isBetween(93f, 99f);
    assertThat(pixel[2]).isBetween(125f, 131f);
  }

  @Test
  void load_jpegWithStrayBytesAtItsEnd_isRead() throws IOException {
    byte[] whole =
        Files.readAllBytes(save(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpg"));
    byte[] padded = Arrays.copyOf(whole, whole.length + 4);
    System.arraycopy(whole, whole.length - 2, padded, padded.length - 2, 2);
    Arrays.fill(padded, whole.length - 2, padded.length - 2, (byte) 7);

    assertThat(ImageLoader.load(write(padded, "jpg"), false).at(15, 15, 0)).isZero();
  }

  @Test
  void load_npy_isTakenAsItIs() throws IOException {
    Path file = folder.resolve("volume.npy");
    float[] values = new float[120];
    values[7] = -1000;
    Npy.write(file, new int[] {2, 3, 5, 4}, values);

    ImageArray volume = ImageLoader.load(file, false);

    assertThat(volume.spatialShape()).containsExactly(2, 3, 5);
    assertThat(volume.channels()).isEqualTo(4);
    assertThat(volume.data()).containsExactly(values);
    assertThat(volume.toChannelsFirst()[3 * 30 + 1]).isEqualTo(-1000);
  }

  @Test
  void load_npyOfThreeAxes_hasChannelsUpToFour() throws IOException {
    Npy.write(folder.resolve("rgb.npy"), new int[] {2, 5, 3}, new float[30]);
    Npy.write(folder.resolve("ct.npy"), new int[] {2, 3, 5}, new float[30]);
    Npy.write(folder.resolve("grey.npy"), new int[] {5, 6}, new float[30]);

    assertThat(ImageLoader.load(folder.resolve("rgb.npy"), false).channels()).isEqualTo(3);
    assertUnreadable(folder.resolve("ct.npy"), "its shape [2, 3, 5] is ambiguous");
    assertThat(load("ct.npy", "DHW").spatialShape()).containsExactly(2, 3, 5);
    assertThat(ImageLoader.load(folder.resolve("grey.npy"), false).spatialShape())
        .containsExactly(5, 6);
  }

  @Test
  void load_npyOfManyChannels_needsItsAxes() throws IOException {
    float[] values = new float[2 * 3 * 13];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Npy.write(folder.resolve("spectral.npy"), new int[] {2, 3, 13}, values);

    assertUnreadable(folder.resolve("spectral.npy"), "declare the order of its axes (--axes)");
    ImageArray last = load("spectral.npy", "HWC");
    assertThat(last.spatialShape()).containsExactly(2, 3);
    assertThat(last.channels()).isEqualTo(13);
    assertThat(last.at(1, 2, 12)).isEqualTo(77);
    ImageArray first = load("spectral.npy", "CHW");
    assertThat(first.spatialShape()).containsExactly(3, 13);
    assertThat(first.channels()).isEqualTo(2);
    assertThat(first.at(1, 12, 1)).isEqualTo(39 + 13 + 12);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> load("spectral.npy", "DHWC"))
        .withMessageEndingWith("its shape [2, 3, 13] does not have the 4 axes declared, DHWC");
  }

  @Test
  void load_npyOfAnotherRank_namesItsShape() throws IOException {
    Npy.write(folder.resolve("flat.npy"), new int[] {30}, new float[30]);
    assertUnreadable(folder.resolve("flat.npy"), "[30]");
    Npy.write(folder.resolve("empty.npy"), new int[] {3, 0}, new float[0]);
    assertUnreadable(folder.resolve("empty.npy"), "[3, 0] has an empty axis");
  }

  @Test
  void load_npyOfNaNOrInfinity_isRefused() throws IOException {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Npy.write(folder.resolve("bad.npy"), new int[] {2, 2}, new float[] {1, bad, 3, bad});
      assertUnreadable(
          folder.resolve("bad.npy"),
          "it contains NaN or infinity, 2 times in 4 values; replace them, for instance with"
              + " numpy.nan_to_num");
    }
  }

  @Test
  void load_moreThanTheLimit_isRefused() throws IOException {
    Npy.write(folder.resolve("six.npy"), new int[] {2, 3}, new float[6]);
    Path picture = save(new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB), "png");

    assertThat(ImageLoader.load(folder.resolve("six.npy"), limit(2)).channels()).isEqualTo(1);
    assertThat(ImageLoader.load(picture, limit(3)).channels()).isEqualTo(3);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(folder.resolve("six.npy"), limit(1)))
        .withMessageContaining("its shape (2,3,) has more values than the 3 allowed");
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(picture, limit(2)))
        .withMessageContaining(
            ": it claims 3 pixels, more than the 2 allowed; make it smaller or allow more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limit(0))
        .withMessageContaining("lies in 1 to 700000000, got 0");
  }

  @Test
  void load_tiffOfGrey_isPixelForPixel() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      for (boolean deflate : new boolean[] {false, true}) {
        Tiff tiff = new Tiff();
        tiff.order = order;
        tiff.deflate = deflate;
        assertThat(loadTiff(tiff.of(7, 200), true).data()).containsExactly(7, 200);
        tiff.photometric = Tiff.WHITE_IS_ZERO;
        assertThat(loadTiff(tiff.of(7, 200), true).data()).containsExactly(248, 55);
        tiff.photometric = Tiff.BLACK_IS_ZERO;
        tiff.bits = 16;
        assertThat(loadTiff(tiff.of(32768, 65535), true).data()).containsExactly(32768 / 257f, 255);
      }
    }
  }

  @Test
  void load_tiffOfRgb_isPixelForPixel() throws IOException {
    Tiff tiff = new Tiff();
    tiff.photometric = Tiff.RGB;
    tiff.samples = 3;
    ImageArray rgb = loadTiff(tiff.of(10, 20, 30, 255, 0, 128), false);
    assertThat(rgb.spatialShape()).containsExactly(1, 2);
    assertThat(rgb.data()).containsExactly(10, 20, 30, 255, 0, 128);

    tiff.bits = 16;
    tiff.order = ByteOrder.BIG_ENDIAN;
    assertThat(loadTiff(tiff.of(65535, 1799, 128, 0, 0, 65535), false).data())
        .containsExactly(255, 7, 128 / 257f, 0, 0, 255);
  }

  /** tools/tiff_fixtures.py wrote the file with Pillow. */
  @Test
  void load_tiffOfAnotherProgram_isPixelForPixel() throws URISyntaxException {
    Path file = Path.of(ImageLoaderTest.class.getResource("/tiff/lzw.tiff").toURI());

    ImageArray image = ImageLoader.load(file, false);

    assertThat(image.spatialShape()).containsExactly(5, 7);
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 7; x++) {
        for (int c = 0; c < 3; c++) {
          assertThat(image.at(y, x, c)).isEqualTo((40 * y + 7 * x * x + 80 * c) % 256);
        }
      }
    }
  }

  @Test
  void load_tiffOfSeveralPages_isAVolume() throws IOException {
    Tiff tiff = new Tiff();
    tiff.pages = 3;

    ImageArray volume = loadTiff(tiff.of(1, 2), false);

    assertThat(volume.spatialShape()).containsExactly(3, 1, 2);
    assertThat(volume.channels()).isEqualTo(1);
    assertThat(volume.data()).containsExactly(1, 2, 1, 2, 1, 2);
    assertThat(volume.sampleType()).isEqualTo(SampleType.UINT8);
  }

  @Test
  void load_tiffOfOtherNumbers_keepsThem() throws IOException {
    Tiff tiff = new Tiff();
    for (int bits : new int[] {8, 16, 32}) {
      tiff.bits = bits;
      tiff.format = Tiff.SIGNED;
      ImageArray signed = loadTiff(tiff.of(1, -2), true);
      assertThat(signed.data()).containsExactly(1, -2);
      assertThat(signed.sampleType()).isEqualTo(SampleType.INTEGER);
    }
    tiff.format = Tiff.UNSIGNED;
    assertThat(loadTiff(tiff.of(1, 0xffffff00L), true).data())
        .containsExactly(1, (float) 0xffffff00L);
    tiff.format = Tiff.FLOAT;
    ImageArray real = loadTiff(tiff.of(Float.floatToIntBits(0.3f), 0), true);
    assertThat(real.data()).containsExactly(0.3f, 0);
    assertThat(real.sampleType()).isEqualTo(SampleType.FLOAT);
    assertUnreadable(
        write(tiff.of(Float.floatToIntBits(Float.NaN), 0), "tif"), "it contains NaN or infinity");
  }

  @Test
  void load_tiffOfMorePixelsThanAllowed_isRefusedBeforeAllocation() throws IOException {
    Tiff tiff = new Tiff();
    tiff.width = 60_000;
    tiff.height = 60_000;
    assertUnreadable(
        write(tiff.of(1, 2), "tif"),
        "it claims 3600000000 pixels, more than the 100000000 allowed; make it smaller or allow");
    tiff.width = 2;
    tiff.height = 1;
    tiff.pages = 3;
    Path volume = write(tiff.of(1, 2), "tif");
    assertThat(ImageLoader.load(volume, limit(6)).spatialShape()).containsExactly(3, 1, 2);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(volume, limit(5)))
        .withMessageContaining("it claims 6 pixels, more than the 5 allowed");
  }

  @Test
  void load_tiffCutAnywhere_isDamaged() throws IOException {
    Tiff tiff = new Tiff();
    tiff.height = 20;
    tiff.width = 10;
    byte[] whole = tiff.of(new long[200]);
    assertThat(loadTiff(whole, true).data()).hasSize(200);
    for (int length = 0; length < whole.length; length += 7) {
      assertUnreadable(write(Arrays.copyOf(whole, length), "tif"), "it is damaged");
    }
  }

  @Test
  void load_jfif_isJpeg() throws IOException {
    Path jpeg = save(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpg");

    Path jfif = Files.copy(jpeg, folder.resolve("a.jfif"));

    assertThat(ImageLoader.load(jfif, false).data()).containsOnly(0).hasSize(768);
  }

  @Test
  void load_nameOutsideTheCharacterSet_isRead() throws IOException {
    Path file = save(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
    // A byte that is no UTF-8; only a shell can make such a name.
    Process shell =
        new ProcessBuilder(
                "sh", "-c", "cp \"$1\" \"$(printf 'bad\\351.png')\"", "sh", file.toString())
            .directory(folder.toFile())
            .start();
    assumeThat(waitFor(shell)).isZero();
    Files.delete(file);
    try (Stream<Path> files = Files.list(folder)) {
      Path undecodable = files.findFirst().orElseThrow();
      assertThat(undecodable.toString()).contains("\ufffd");
      assertThat(ImageLoader.load(undecodable, false).data()).containsExactly(0, 0, 0);
    }
  }

  @Test
  void load_otherFormats_areNamed() throws IOException {
    for (String kind : List.of("webp", "dcm", "nii", "svg")) {
      assertUnreadable(
          write(new byte[] {1}, kind), "its extension '" + kind + "' is none of [png, jpg,");
    }
    assertUnreadable(write(new byte[] {1}, "gz"), "convert it to png");
  }

  @Test
  void load_readersOwnExceptions_becomeSentences() throws IOException {
    byte[] png =
        Files.readAllBytes(save(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png"));
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] changed = png.clone();
      changed[8 + random.nextInt(png.length - 8)] = (byte) random.nextInt();
      Path file = folder.resolve("fuzz.png");
      Files.write(file, changed);
      try {
        ImageLoader.load(file, false);
      } catch (UnreadableImageException e) {
        assertThat(e.getMessage())
            .doesNotContain("null", "java.", "Exception", "!=", "out of bounds");
      }
    }
  }

  @Test
  void load_damagedPictures_sayWhy() throws IOException {
    BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < 64 * 64; i++) {
      noise.setRGB(i % 64, i / 64, random.nextInt());
    }
    for (String kind : new String[] {"png", "jpg", "bmp", "gif"}) {
      byte[] whole = Files.readAllBytes(save(noise, kind));
      for (double part : new double[] {0.9, 0.5, 0.1}) {
        assertUnreadable(write(Arrays.copyOf(whole, (int) (whole.length * part)), kind), "damaged");
      }
    }
    assertUnreadable(write(new byte[0], "png"), "no picture");
    assertUnreadable(write(new byte[] {1, 2, 3}, "png"), "no picture");
    assertUnreadable(folder.resolve("none.png"), "no such file");
    assertUnreadable(Files.createDirectory(folder.resolve("dir.png")), "it is a folder");
  }

  @Test
  void load_absurdSize_isRefusedBeforeAllocation() throws IOException {
    BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    byte[] png = Files.readAllBytes(save(picture, "png"));
    // Width and height are the first fields of the IHDR chunk, at bytes 16 and 20.
    png[17] = 1;
    png[21] = 1;
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());

    assertUnreadable(write(png, "png"), "claims");
  }

  @Test
  void isSupported_knowsExtensionsInAnyCase() {
    assertThat(ImageLoader.isSupported(Path.of("a.PNG"))).isTrue();
    assertThat(ImageLoader.isSupported(Path.of("a.npy"))).isTrue();
    assertThat(ImageLoader.isSupported(Path.of("a.TIFF"))).isTrue();
    assertThat(ImageLoader.isSupported(Path.of("a.webp"))).isFalse();
    assertThat(ImageLoader.isSupported(Path.of("LICENSE"))).isFalse();
    assertThat(ImageLoader.isSupported(Path.of("png"))).isFalse();
    assertThat(ImageLoader.isSupported(Path.of("/"))).isFalse();
    assertThat(ImageLoader.isSupported(Path.of("boxes.json"))).isFalse();
  }

  private static BufferedImage deep(int space, boolean alpha, int dataType) {
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(space),
            alpha,
            false,
            alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            dataType);
    return new BufferedImage(model, model.createCompatibleWritableRaster(1, 1), false, null);
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ImageArray load(String name, String axes) {
    return ImageLoader.load(
        folder.resolve(name),
        new ImageLoader.Options(false, ImageAxes.of(axes), ImageLoader.MAX_PIXELS));
  }

  private static ImageLoader.Options limit(int maxPixels) {
    return new ImageLoader.Options(false, null, maxPixels);
  }

  private ImageArray loadTiff(byte[] content, boolean grayscale) throws IOException {
    return ImageLoader.load(write(content, "tif"), grayscale);
  }

  private void assertUnreadable(Path file, String reason) {
    assertThatExceptionOfType(UnreadableImageException.class)
        .as(file.toString())
        .isThrownBy(() -> ImageLoader.load(file, false))
        .withMessageContaining(file.toString())
        .withMessageContaining(reason);
  }

  private Path save(BufferedImage picture, String kind) throws IOException {
    Path file = Files.createTempFile(folder, "picture", "." + kind);
    assertThat(ImageIO.write(picture, kind, file.toFile())).isTrue();
    return file;
  }

  private Path write(byte[] content, String kind) throws IOException {
    return Files.write(Files.createTempFile(folder, "file", "." + kind), content);
  }
}
