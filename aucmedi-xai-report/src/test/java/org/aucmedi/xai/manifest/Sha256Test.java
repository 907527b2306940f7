package org.aucmedi.xai.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Sha256Test {

  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @TempDir private Path folder;

  @Test
  void file_isThatOfFips180() throws IOException {
    Path file = Files.writeString(folder.resolve("abc"), "abc");

    assertThat(Sha256.of(file)).isEqualTo(new Sha256(ABC, 3));
  }

  @Test
  void folder_isThatOfTheListOfItsFiles() throws IOException {
    Files.writeString(folder.resolve("b"), "abc");
    Files.createFile(Files.createDirectories(folder.resolve("a/c")).resolve("d"));
    Files.writeString(folder.resolve(".hidden"), "x");
    Path list =
        Files.writeString(
            Files.createTempFile(folder, ".list", ""), EMPTY + "  a/c/d\n" + ABC + "  b\n");

    assertThat(Sha256.of(folder)).isEqualTo(new Sha256(Sha256.of(list).digits(), 3));
  }

  @Test
  void files_severalOfThem_areThatOfTheirList() throws IOException {
    Path second = Files.writeString(folder.resolve("b"), "abc");
    Path first = Files.createFile(Files.createDirectory(folder.resolve("a")).resolve("c"));
    Path list = Files.writeString(folder.resolve("list"), EMPTY + "  a/c\n" + ABC + "  b\n");

    Sha256 both = new Sha256(Sha256.of(list).digits(), 3);
    assertThat(Sha256.of(List.of(second, first))).isEqualTo(both);
    assertThat(Sha256.of(List.of(second))).isEqualTo(Sha256.of(second));
  }
}
