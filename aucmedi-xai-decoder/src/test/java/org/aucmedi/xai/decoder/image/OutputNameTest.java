package org.aucmedi.xai.decoder.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutputNameTest {

  @ParameterizedTest
  @CsvSource({
    "a.png, png, a.png, a.class_0.png",
    "a.b.png, png, a.b.png, a.b.class_0.png",
    "cls/a.png, png, cls.a.png, cls.a.class_0.png",
    "cls\\a.png, png, cls.a.png, cls.a.class_0.png",
    "/abs/a.png, png, .abs.a.png, .abs.a.class_0.png",
    "../x/a.png, png, ...x.a.png, ...x.a.class_0.png",
    "a.nii.gz, nii.gz, a.nii.gz, a.class_0.nii.gz",
    "v.npy, npy, v.npy, v.class_0.npy",
    "cls/a.jpg, npy, cls.a.npy, cls.a.class_0.npy",
    "a, png, a.png, a.class_0.png",
    "v1.0/a, png, v1.0.a.png, v1.0.a.class_0.png"
  })
  void of_sample_isFlattenedWithTheClassBeforeTheExtension(
      String sample, String extension, String plain, String withClass) {
    assertThat(OutputName.of(sample, extension, OptionalInt.empty())).isEqualTo(plain);
    assertThat(OutputName.of(sample, extension, OptionalInt.of(0))).isEqualTo(withClass);
  }

  @Test
  void of_noExtension_endsWithTheClass() {
    assertThat(OutputName.of("cls/a", "", OptionalInt.of(0))).isEqualTo("cls.a.class_0");
    assertThat(OutputName.of("cls/a", "", OptionalInt.empty())).isEqualTo("cls.a");
  }
}
