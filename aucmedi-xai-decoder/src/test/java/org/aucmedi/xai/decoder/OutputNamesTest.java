package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputNamesTest {

  @ParameterizedTest
  @CsvSource({
    "a.png, png, a.png, a.class_0.png",
    "a.b.png, png, a.b.png, a.b.class_0.png",
    "cls/a.png, png, cls.a.png, cls.a.class_0.png",
    "cls\\a.png, png, cls.a.png, cls.a.class_0.png",
    "/abs/a.png, png, abs.a.png, abs.a.class_0.png",
    "../x/a.png, png, x.a.png, x.a.class_0.png",
    "./x/../a.png, png, x.a.png, x.a.class_0.png",
    "a.nii.gz, nii.gz, a.nii.gz, a.class_0.nii.gz",
    "v.npy, npy, v.npy, v.class_0.npy",
    "cls/a.jpg, npy, cls.a.npy, cls.a.class_0.npy",
    "a, png, a.png, a.class_0.png",
    "v1.0/a, png, v1.0.a.png, v1.0.a.class_0.png",
    ".hidden.png, png, .hidden.png, .hidden.class_0.png",
    ".png, png, .png.png, .png.class_0.png",
    "cls/.nii.gz, npy, cls..nii.npy, cls..nii.class_0.npy",
    "../.., png, _.png, _.class_0.png"
  })
  void name_sample_isFlattenedWithTheClassBeforeTheExtension(
      String sample, String extension, String plain, String withClass) {
    assertThat(new OutputNames(List.of(sample), extension, false, List.of()).name(0))
        .isEqualTo(plain);
    assertThat(new OutputNames(List.of(sample), extension, true, List.of()).name(0, "0"))
        .isEqualTo(withClass);
  }

  @Test
  void name_noExtension_endsWithTheClass() {
    assertThat(new OutputNames(List.of("cls/a"), "", true, List.of()).name(0, "0"))
        .isEqualTo("cls.a.class_0");
    assertThat(new OutputNames(List.of("cls/a"), "", false, List.of()).name(0)).isEqualTo("cls.a");
  }

  @Test
  void name_samplesOfOneStem_keepTheirExtensions() {
    assertThat(names("scan.png", "other.png", "scan.jpg"))
        .containsExactly("scan.png.png", "other.png", "scan.jpg.png");
    OutputNames perClass = new OutputNames(List.of("scan.png", "scan.jpg"), "npy", true, List.of());
    assertThat(perClass.name(0, "2")).isEqualTo("scan.png.class_2.npy");
    assertThat(perClass.name(1, "2")).isEqualTo("scan.jpg.class_2.npy");
  }

  @Test
  void name_samplesThatStillCollide_areNumbered() {
    assertThat(names("a/b.png", "a.b.png")).containsExactly("a.b.png.png", "a.b.png~2.png");
    assertThat(names("scan.png", "scan.jpg", "scan.png.png"))
        .containsExactly("scan.png~2.png", "scan.jpg.png", "scan.png.png");
  }

  @Test
  void name_samplesThatDifferInCaseOrInAccentsSpelling_areTakenForEqual() {
    assertThat(names("A.png", "a.png")).containsExactly("A.png.png", "a.png~2.png");
    assertThat(names("A.png", "a.jpg")).containsExactly("A.png.png", "a.jpg.png");
    assertThat(names("\u00e9.png", "e\u0301.jpg"))
        .containsExactly("\u00e9.png.png", "e\u0301.jpg.png");
  }

  @Test
  void name_nameOfAnImageInTheOutputFolder_isNotTaken() {
    List<String> samples = List.of("a.png", "b.jpg");
    List<String> taken = List.of("A.png", "b.jpg", "a.class_7.png");

    OutputNames single = new OutputNames(samples, "png", false, taken);
    assertThat(List.of(single.name(0), single.name(1))).containsExactly("a.png.png", "b.png");
    OutputNames perClass = new OutputNames(samples, "png", true, taken);
    assertThat(perClass.name(0, "7")).isEqualTo("a.png.class_7.png");
    assertThat(perClass.name(1, "7")).isEqualTo("b.class_7.png");
    OutputNames contrast = new OutputNames(samples, "png", true, List.of("b.class_3VS5.png"));
    assertThat(contrast.name(1, "3vs5")).isEqualTo("b.jpg.class_3vs5.png");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\u00e4", "\u4e2d", "\ud83d\ude00"})
  void name_longSample_fitsInto255Bytes(String letter) {
    int bytes = letter.getBytes(StandardCharsets.UTF_8).length;
    for (int count = 200 / bytes; count <= 600 / bytes; count++) {
      String stem = letter.repeat(count);
      String name = names(stem + ".png").get(0);
      if (count * bytes <= 251) {
        assertThat(name).isEqualTo(stem + ".png");
      } else {
        assertThat(name).matches("(" + letter + ")+~[0-9a-f]{8}\\.png");
        assertThat(name.getBytes(StandardCharsets.UTF_8).length).isBetween(252, 255);
      }
      OutputNames perClass =
          new OutputNames(List.of(stem + ".png", stem + ".jpg"), "npy", true, List.of());
      for (int i = 0; i < 2; i++) {
        assertThat(perClass.name(i, "c".repeat(60)).getBytes(StandardCharsets.UTF_8).length)
            .isLessThanOrEqualTo(255);
      }
      assertThat(perClass.name(0, "0")).isNotEqualTo(perClass.name(1, "0"));
    }
  }

  @Test
  void name_longSamplesThatDifferAtTheEnd_differ() {
    String common = "y".repeat(300);
    assertThat(names(common + "1.png", common + "2.png", common + "1.jpg")).doesNotHaveDuplicates();
    assertThat(IntStream.range(0, 12).mapToObj(i -> common.repeat(1 + i) + ".png").toList())
        .satisfies(
            samples -> assertThat(names(samples.toArray(String[]::new))).doesNotHaveDuplicates());
  }

  @Test
  void name_lettersOutsideTheCharacterSet_areReplaced() {
    OutputNames names =
        new OutputNames(
            List.of("\u00e9\u00e8.png", "\u00e8\u00e9.png", "\ud83d\ude00/a.png"),
            "png",
            false,
            List.of(),
            StandardCharsets.US_ASCII);
    assertThat(List.of(names.name(0), names.name(1), names.name(2)))
        .containsExactly("__.png.png", "__.png~2.png", "_.a.png");
  }

  @Test
  void name_label_isPlainAndShort() {
    OutputNames names = new OutputNames(List.of("a.png"), "png", true, List.of());
    assertThat(names.name(0, "3vs5")).isEqualTo("a.class_3vs5.png");
    assertThat(names.name(0, "../log \u00e4-1.5")).isEqualTo("a.class_.._log__-1.5.png");
    assertThat(names.name(0, "c".repeat(41))).isEqualTo("a.class_" + "c".repeat(40) + ".png");
  }

  private static List<String> names(String... samples) {
    OutputNames names = new OutputNames(List.of(samples), "png", false, List.of());
    return IntStream.range(0, samples.length).mapToObj(names::name).toList();
  }
}
