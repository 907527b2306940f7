package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StoredTensorsTest {

  private static final String SHAPE = "K\4K\3";
  private static final String STRIDES = "K\3K\1";

  @ParameterizedTest
  @CsvSource({
    "FloatStorage, 12, 48",
    "DoubleStorage, 12, 96",
    "HalfStorage, 12, 24",
    "BFloat16Storage, 12, 24",
    "CharStorage, 12, 12",
    "LongStorage, 12, 96",
    "ComplexDoubleStorage, 12, 192",
    "FloatStorage, 20, 80"
  })
  void check_storageOfTheRightSize_isFine(String type, int numbers, long bytes) {
    byte[] pickle = TensorPickle.of(type, numbers, 0, SHAPE, STRIDES);

    assertThatNoException().isThrownBy(() -> check(pickle, bytes));
    assertThatIOException()
        .isThrownBy(() -> check(pickle, bytes - 1))
        .withMessageStartingWith(
            "its tensor 'w' needs " + bytes + " bytes, but data/0 has " + (bytes - 1));
  }

  @Test
  void check_missingFile_isNamed() {
    assertThatIOException()
        .isThrownBy(
            () ->
                StoredTensors.check(
                    Pickle.read(TensorPickle.of("FloatStorage", 12, 0, SHAPE, STRIDES)),
                    "data/",
                    name -> null))
        .withMessageStartingWith("its tensor 'w' is stored in data/0, which is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "11, 0, 4, 3, 3, 1",
    "12, 1, 4, 3, 3, 1",
    "12, 0, 4, 3, 4, 1",
    "12, 0, 2000000000, 2000000000, 2000000000, 2000000000",
    "12, 0, -4, 3, 3, 1",
    "12, 0, 4, 3, -3, 1",
    "12, -1, 4, 3, 3, 1"
  })
  void check_tensorBeyondItsStorage_isRefused(
      int numbers, int offset, int rows, int columns, int rowStride, int columnStride) {
    byte[] pickle =
        TensorPickle.of(
            "FloatStorage",
            numbers,
            offset,
            TensorPickle.integer(rows) + TensorPickle.integer(columns),
            TensorPickle.integer(rowStride) + TensorPickle.integer(columnStride));

    assertThatIOException()
        .isThrownBy(() -> check(pickle, 48))
        .withMessageContaining("its tensor 'w' of shape [" + rows + ", " + columns + "]")
        .withMessageContaining("does not lie within its " + numbers + " stored numbers");
  }

  @Test
  void check_viewsExpandedAndEmptyTensors_areFine() {
    for (byte[] pickle :
        new byte[][] {
          TensorPickle.of("FloatStorage", 12, 6, "K\2K\3", "K\3K\1"),
          TensorPickle.of("FloatStorage", 12, 11, "K\4K\3", "K\0K\0"),
          TensorPickle.of("FloatStorage", 0, 0, "K\0K\3", "K\3K\1"),
          TensorPickle.of("FloatStorage", 1, 0, "", "")
        }) {
      assertThatNoException().isThrownBy(() -> check(pickle, 48));
    }
  }

  private static void check(byte[] pickle, long bytes) throws IOException {
    StoredTensors.check(Pickle.read(pickle), "data/", name -> name.equals("data/0") ? bytes : null);
  }
}
