package org.aucmedi.xai.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NpyTest {

  @TempDir private Path folder;

  @Test
  void write_thenRead_givesTheSame() throws IOException {
    Path file = folder.resolve("a.npy");

    Npy.write(file, new int[] {2, 3}, new float[] {1, -2, 3.5f, 0, Float.MAX_VALUE, -0f});

    Npy.Array array = Npy.read(file);
    assertThat(array.shape()).containsExactly(2, 3);
    assertThat(array.data()).containsExactly(1, -2, 3.5f, 0, Float.MAX_VALUE, -0f);
    assertThat(array.sampleType()).isEqualTo(SampleType.FLOAT);
    assertThat(Files.size(file)).isEqualTo(128 + 24);
    assertThat(folder.toFile().list()).containsExactly("a.npy");
  }

  @Test
  void read_everyType_givesItsValues() throws IOException {
    assertThat(read("|u1", new byte[] {1, (byte) 200})).containsExactly(1, 200);
    assertThat(read("|i1", new byte[] {1, -56})).containsExactly(1, -56);
    assertThat(read("|b1", new byte[] {1, 0})).containsExactly(1, 0);
    assertThat(read("<i2", new byte[] {2, 1, -1, -1})).containsExactly(258, -1);
    assertThat(read(">i2", new byte[] {2, 1, -1, -1})).containsExactly(513, -1);
    assertThat(read("<u2", new byte[] {-1, -1, 0, 1})).containsExactly(65535, 256);
    assertThat(read(">i4", bytes(4).putInt(70000).putInt(-1).array())).containsExactly(70000, -1);
    assertThat(read(">u4", bytes(4).putInt(-1).putInt(1).array()))
        .containsExactly(4.2949673E+9f, 1);
    assertThat(read(">i8", bytes(8).putLong(-5).putLong(9).array())).containsExactly(-5, 9);
    assertThat(read(">u8", bytes(8).putLong(-1).putLong(9).array()))
        .containsExactly(1.8446744E+19f, 9);
    assertThat(read(">f4", bytes(4).putFloat(1.5f).putFloat(-2).array())).containsExactly(1.5f, -2);
    assertThat(read(">f8", bytes(8).putDouble(1.5).putDouble(-2).array()))
        .containsExactly(1.5f, -2);
  }

  @Test
  void read_fortranOrder_becomesRowMajor() throws IOException {
    Path file =
        file(
            "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
            new byte[] {1, 4, 2, 5, 3, 6});

    assertThat(Npy.read(file).data()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void read_fortranOrderOfThreeAxes_becomesRowMajor() throws IOException {
    // Element (i, j, k) is 100 i + 10 j + k; the first index runs fastest in the file.
    byte[] columnMajor = {0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121};
    Path file = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }", columnMajor);

    assertThat(Npy.read(file).data())
        .containsExactly(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121);
  }

  @Test
  void read_laterVersions_haveLongHeaders() throws IOException {
    for (int version : new int[] {2, 3}) {
      assertThat(Npy.read(versioned(version, 0)).data()).containsExactly(7, 8);
    }
    assertUnreadable(versioned(4, 0), "version 4");
    assertUnreadable(versioned(2, 1 << 21), "header claims");
  }

  @Test
  void read_objects_areRefusedByName() throws IOException {
    Path file = file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", new byte[99]);
    assertUnreadable(file, "'|O' is not a plain number");
    Path records =
        file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new byte[99]);
    assertUnreadable(records, "not records or objects");
    for (String type : new String[] {"<f16", "<f1", "<i3", "<f" + "9".repeat(30)}) {
      assertUnreadable(
          file("{'descr': '" + type + "', 'fortran_order': False, 'shape': (1,), }", new byte[99]),
          "'" + type + "' is not supported");
    }
  }

  @Test
  void read_damagedFiles_sayWhy() throws IOException {
    byte[] whole =
        Files.readAllBytes(
            file("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", new byte[16]));
    assertUnreadable(write(Arrays.copyOf(whole, whole.length - 1)), "ends early");
    assertUnreadable(write(Arrays.copyOf(whole, 9)), "ends early");
    assertUnreadable(write(new byte[0]), "ends early");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Npy.read(folder.resolve("none.npy")));
    assertUnreadable(write("GIF89a and more".getBytes(StandardCharsets.UTF_8)), "not an npy file");
    assertUnreadable(shaped("90000000,"), "ends early");
  }

  @Test
  void read_tooLarge_namesShapeAndLimit() throws IOException {
    for (String shape :
        new String[] {
          "900000000,",
          "90000000000,",
          "99999, 99999",
          "0, 90000000000",
          "9".repeat(18) + ", " + "9".repeat(18),
          "9".repeat(70) + ","
        }) {
      assertUnreadable(
          shaped(shape),
          "its shape (" + shape + ") has more values than the 300000000 allowed; cut it");
    }
    assertUnreadable(shaped("9".repeat(5000) + ","), "999...) has more values");
    Path file = folder.resolve("seven.npy");
    Npy.write(file, new int[] {7}, new float[7]);
    assertThat(Npy.read(file, 7).data()).hasSize(7);
    assertThatIOException()
        .isThrownBy(() -> Npy.read(file, 6))
        .withMessageContaining("its shape (7,) has more values than the 6 allowed");
  }

  @Test
  void read_impossibleShapes_sayWhy() throws IOException {
    for (String shape : new String[] {"1 2,", "L,", "1L2,", "-1,", "1,".repeat(65)}) {
      assertUnreadable(shaped(shape), "no valid shape");
    }
    assertThat(Npy.read(shaped("1,".repeat(64))).shape()).hasSize(64);
    assertThat(Npy.read(shaped("1L,")).shape()).containsExactly(1);
  }

  @Test
  void read_half_equalsItsDefinitionForAllBits() throws IOException {
    ByteBuffer bits = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      bits.putShort((short) i);
    }

    float[] values =
        Npy.read(
                file("{'descr': '<f2', 'fortran_order': False, 'shape': (65536,), }", bits.array()))
            .data();

    for (int i = 0; i < 1 << 16; i++) {
      int exponent = i >> 10 & 31;
      int fraction = i & 1023;
      double magnitude =
          exponent == 31
              ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
              : exponent == 0
                  ? fraction * Math.pow(2, -24)
                  : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
      float expected = (float) (i >> 15 == 0 ? magnitude : -magnitude);
      assertThat(Float.floatToIntBits(values[i])).isEqualTo(Float.floatToIntBits(expected));
    }
    assertThat(read(">f2", new byte[] {0x3c, 0, (byte) 0xc0, 0})).containsExactly(1, -2);
  }

  @Test
  void read_moreThanABuffer_keepsItsOrder() throws IOException {
    float[] values = new float[50_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path file = folder.resolve("long.npy");
    Npy.write(file, new int[] {values.length}, values);

    assertThat(Npy.read(file).data()).containsExactly(values);
  }

  @Test
  void read_stream_endsWithItsLastValue() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, new int[] {2}, new float[] {1, -2}, "");
    Npy.write(out, new int[] {1, 1}, new float[] {3}, " \t");
    InputStream in = new ByteArrayInputStream(out.toByteArray());

    assertThat(Npy.read(in, 2).data()).containsExactly(1, -2);
    assertThat(Npy.read(in, 2).shape()).containsExactly(1, 1);
    assertThat(in.read()).isEqualTo(-1);
    assertThatIOException()
        .isThrownBy(() -> Npy.read(new ByteArrayInputStream(out.toByteArray(), 0, 135), 2))
        .withMessageContaining("ends early");
  }

  @Test
  void write_valuesOrWhiteSpaceThatDoNotFit_leaveTheFile() throws IOException {
    Path file = write(new byte[] {1});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Npy.write(file, new int[] {2, 2}, new float[3]))
        .withMessage("3 values do not fill [2, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Npy.write(new ByteArrayOutputStream(), new int[] {1}, new float[1], "\n"))
        .withMessageStartingWith("a header must end in at most 256 blanks and tabs");
    assertThat(file).hasBinaryContent(new byte[] {1});
  }

  private Path shaped(String shape) throws IOException {
    return file(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }", new byte[4]);
  }

  /** An array (7, 8) whose header claims more bytes than it has. */
  private Path versioned(int version, int excess) throws IOException {
    byte[] header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(12 + header.length + 2).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    buffer.putInt(header.length + excess).put(header).put(new byte[] {7, 8});
    return write(buffer.array());
  }

  private void assertUnreadable(Path file, String reason) {
    assertThatIOException().isThrownBy(() -> Npy.read(file)).withMessageContaining(reason);
  }

  private float[] read(String type, byte[] data) throws IOException {
    return Npy.read(
            file("{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }", data))
        .data();
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(2 * size);
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer buffer =
        ByteBuffer.allocate(10 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    buffer.putShort((short) text.length).put(text).put(data);
    return write(buffer.array());
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(folder, "array", ".npy"), content);
  }
}
