package org.aucmedi.xai.imaging.medical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.aucmedi.xai.array.Geometry;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NiftiReaderTest {

  @TempDir private Path folder;

  /** A header of version 1 with room for the values behind it. */
  private static ByteBuffer header(ByteOrder order, int type, int bits, int... sizes) {
    int count = 1;
    ByteBuffer file = ByteBuffer.allocate(4096).order(order);
    file.putInt(0, 348);
    file.putShort(40, (short) sizes.length);
    for (int axis = 0; axis < sizes.length; axis++) {
      file.putShort(42 + 2 * axis, (short) sizes[axis]);
      count *= sizes[axis];
    }
    file.putShort(70, (short) type);
    file.putShort(72, (short) bits);
    file.putFloat(108, 352);
    file.put(344, new byte[] {'n', '+', '1', 0});
    file.limit(352 + count * bits / 8);
    return file;
  }

  private Path write(String name, ByteBuffer file) throws IOException {
    byte[] bytes = new byte[file.limit()];
    file.get(0, bytes);
    return Files.write(folder.resolve(name), bytes);
  }

  private static ImageArray load(Path file) {
    return ImageLoader.load(file, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIG_ENDIAN", "LITTLE_ENDIAN"})
  void read_scaledIntegers_axesAreSlicesRowsColumns(String order) throws IOException {
    ByteOrder bytes = order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer file = header(bytes, 4, 16, 4, 3, 2);
    for (int i = 0; i < 24; i++) {
      file.putShort(352 + 2 * i, (short) (i - 10));
    }
    file.putFloat(112, 0.5f);
    file.putFloat(116, -1000);
    ImageArray image = load(write("scan.nii", file));
    assertThat(image.spatialShape()).containsExactly(2, 3, 4);
    assertThat(image.sampleType()).isEqualTo(SampleType.FLOAT);
    // Slice 1, row 2, column 3 is voxel x=3, y=2, z=1.
    assertThat(image.at(1, 2, 3, 0)).isEqualTo(0.5f * (3 + 4 * (2 + 3) - 10) - 1000);
  }

  @Test
  void read_unscaledColours_areChannels() throws IOException {
    ByteBuffer file = header(ByteOrder.LITTLE_ENDIAN, 128, 24, 2, 2);
    for (int i = 0; i < 12; i++) {
      file.put(352 + i, (byte) (20 * i));
    }
    ImageArray image = load(write("colours.nii", file));
    assertThat(image.spatialShape()).containsExactly(1, 2, 2);
    assertThat(image.channels()).isEqualTo(3);
    assertThat(image.at(0, 1, 0, 2)).isEqualTo(20f * 8);
    assertThat(image.sampleType()).isEqualTo(SampleType.UINT8);
  }

  @Test
  void read_qform_isTheRotationOfTheQuaternion() throws IOException {
    ByteBuffer file = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2, 2);
    file.putFloat(76, -1); // x, y and z are left-handed
    file.putFloat(80, 2);
    file.putFloat(84, 3);
    file.putFloat(88, 4);
    file.putShort(252, (short) 1);
    file.putFloat(264, (float) Math.sin(Math.PI / 4)); // 90 degrees around z
    file.putFloat(268, 5);
    file.putFloat(272, 6);
    file.putFloat(276, 7);
    Geometry geometry = load(write("turned.nii", file)).geometry();
    double[][] expected = {{0, -3, 0, 5}, {2, 0, 0, 6}, {0, 0, -4, 7}};
    for (int row = 0; row < 3; row++) {
      assertThat(geometry.rasAffine()[row]).containsExactly(expected[row], within(1e-6));
    }
  }

  @Test
  void read_pairOfFiles_findsTheValues() throws IOException {
    ByteBuffer file = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2);
    file.put(344, new byte[] {'n', 'i', '1', 0});
    file.putFloat(108, 0);
    file.limit(348);
    Path header = write("scan.hdr", file);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> load(header))
        .withMessageContaining("its values are in scan.img, which is missing beside it");
    Files.write(folder.resolve("scan.img"), new byte[] {1, 2, 3, 4});
    assertThat(load(header).data()).containsExactly(1, 2, 3, 4);
  }

  /** A value is its volume, its channel, and its place in them. */
  @Test
  void read_chosenVolume_isThatOne() throws IOException {
    ByteBuffer series = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2, 1, 3);
    for (int i = 0; i < 12; i++) {
      series.put(352 + i, (byte) (i / 4 * 100 + i % 4));
    }
    Path file = write("series.nii", series);
    ByteBuffer vectors = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 1, 1, 3, 2);
    for (int i = 0; i < 12; i++) {
      vectors.put(352 + i, (byte) (i / 2 % 3 * 50 + i / 6 * 10 + i % 2));
    }

    assertThat(load(file, 1).data()).containsExactly(100, 101, 102, 103);
    assertThat(load(file, 2).data()).containsExactly(200, 201, 202, 203);
    ImageArray second = load(write("vectors.nii", vectors), 1);
    assertThat(second.channels()).isEqualTo(2);
    assertThat(second.data()).containsExactly(50, 60, 51, 61);
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> load(file, 3))
        .withMessageContaining("it has no volume 3 along its fourth axis, only 0 to 2 (--volume)");
  }

  private static ImageArray load(Path file, int volume) {
    return ImageLoader.load(file, ImageLoader.Options.DEFAULT.withVolume(volume));
  }

  @Test
  void read_badFiles_areRefusedInOneSentence() throws IOException {
    ByteBuffer series = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2, 2, 7);
    assertRefused(
        write("series.nii", series),
        "it is a series of 7 volumes along its fourth axis; choose one, from 0 to 6 (--volume)");
    ByteBuffer huge = header(ByteOrder.LITTLE_ENDIAN, 64, 64, 2, 2);
    huge.putShort(40, (short) 3);
    huge.putShort(42, (short) 32000).putShort(44, (short) 32000).putShort(46, (short) 32000);
    assertRefused(write("huge.nii", huge), "claims 32768000000000 values, more than the limit");
    ByteBuffer complex = header(ByteOrder.LITTLE_ENDIAN, 32, 64, 2, 2);
    assertRefused(write("complex.nii", complex), "type 32 (complex), which is not supported");
    ByteBuffer analyze = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2);
    analyze.put(344, new byte[4]);
    assertRefused(write("analyze.nii", analyze), "it has no NIfTI header");
    ByteBuffer cut = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 8, 8);
    cut.limit(400);
    assertRefused(write("cut.nii", cut), "the file ends early");
    ByteBuffer empty = header(ByteOrder.LITTLE_ENDIAN, 2, 8, 8, 8);
    empty.limit(0);
    assertRefused(write("empty.nii", empty), "the file ends early");
    Files.write(
        folder.resolve("packed.nii.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 9, 9, 9, 9, 9, 9});
    assertRefused(folder.resolve("packed.nii.gz"), "");
  }

  private static void assertRefused(Path file, String reason) {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> load(file))
        .withMessageStartingWith("cannot read " + file + ": ")
        .withMessageContaining(reason);
  }

  @Test
  void read_damagedHeaders_nothingButOurExceptionIsThrown() throws IOException {
    ByteBuffer file = header(ByteOrder.LITTLE_ENDIAN, 4, 16, 4, 3, 2);
    file.putShort(254, (short) 1);
    file.putFloat(280, 1).putFloat(300, 1).putFloat(320, 1);
    byte[] sound = new byte[file.limit()];
    file.get(0, sound);
    Random random = new Random(1);
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = sound.clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        damaged[random.nextInt(352)] = (byte) random.nextInt(256);
      }
      Path path = Files.write(folder.resolve("damaged.nii"), damaged);
      try {
        load(path);
        read++;
      } catch (UnreadableImageException e) {
        assertThat(e).hasMessageStartingWith("cannot read ");
      }
    }
    assertThat(read).isBetween(1, 2999);
  }
}
