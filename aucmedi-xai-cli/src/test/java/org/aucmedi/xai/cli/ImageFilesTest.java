package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.OutputFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFilesTest {

  @TempDir private Path folder;

  @Test
  void find_folder_isSearchedAndTheRestIsCounted() throws IOException {
    Path b = touch("in/b.png");
    Path a = touch("in/deep/a.JPG");
    touch("in/c.svs");
    touch("in/d.SVS");
    touch("in/notes.txt");
    touch("in/LICENSE");

    ImageFiles found = find("in");

    assertThat(found.files()).containsExactly(Map.entry("b.png", b), Map.entry("deep/a.JPG", a));
    assertThat(found.leftOut())
        .startsWith("4 files left out: 2 .svs, ")
        .contains("1 .txt", "1 without extension");
  }

  @Test
  void find_filesWithoutAKnownExtension_areTakenByTheirContent() throws IOException {
    Path bare = touch("in/IM0001");
    Path lying = touch("in/scan.dcm");
    Path dotted = touch("in/1.2.840.7");
    touch("in/README");
    for (Path file : List.of(bare, lying, dotted)) {
      ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }

    ImageFiles found = find("in");

    assertThat(found.files().values()).containsExactly(dotted, bare, lying);
    assertThat(found.leftOut()).isEqualTo("1 file left out: 1 without extension");
  }

  @Test
  void find_nothingLeftOut_saysNothing() throws IOException {
    touch("in/a.png");
    assertThat(find("in").leftOut()).isEmpty();
  }

  @Test
  void find_hiddenAndSystemFiles_areLeftOut() throws IOException {
    touch("in/a.png");
    touch("in/.b.png");
    touch("in/._a.png");
    touch("in/Thumbs.db");
    touch("in/__MACOSX/._a.png");
    touch("in/__MACOSX/a.png");
    touch("in/.ipynb_checkpoints/a-checkpoint.png");

    ImageFiles found = find("in");

    assertThat(found.files()).containsOnlyKeys("a.png");
    assertThat(found.leftOut())
        .isEqualTo(
            "3 files left out: 3 hidden; 2 folders not searched: hidden "
                + folder.resolve("in/.ipynb_checkpoints")
                + ", "
                + folder.resolve("in/__MACOSX"));
  }

  @Test
  void find_hiddenFolderNamedByItself_isSearched() throws IOException {
    touch(".in/a.png");
    assertThat(find(".in").files()).containsOnlyKeys("a.png");
  }

  @Test
  void find_linksToFolders_areFollowedOnce() throws IOException {
    touch("elsewhere/a.png");
    touch("in/z/b.png");
    link("in/linked", "elsewhere");
    link("in/again", "elsewhere");
    link("in/y", "in/z");
    link("in/z/cycle", "in");
    link("link", "in");

    for (String path : List.of("in", "link")) {
      ImageFiles found = find(path);
      assertThat(found.files()).containsOnlyKeys("again/a.png", "z/b.png");
      assertThat(found.leftOut()).isEmpty();
    }
  }

  @Test
  void find_linksToFiles_countOnce() throws IOException {
    touch("in/z.png");
    touch("elsewhere/b.png");
    link("in/a.png", "in/z.png");
    link("in/b.png", "elsewhere/b.png");
    link("in/broken.png", "nowhere");
    link("in/broken", "nowhere");

    ImageFiles found = find("in");

    assertThat(found.files()).containsOnlyKeys("b.png", "z.png");
    assertThat(found.leftOut())
        .isEqualTo("3 files left out: 2 behind a broken link, 1 given twice");
  }

  @Test
  void find_unreadableSubfolder_isNamedAndTheRestGoesOn() throws IOException {
    touch("in/a.png");
    Path closed = touch("in/closed/b.png").getParent();
    Files.setPosixFilePermissions(closed, Set.of());
    try {
      assumeThat(Files.isReadable(closed)).isFalse();
      ImageFiles found = find("in");
      assertThat(found.files()).containsOnlyKeys("a.png");
      assertThat(found.leftOut()).isEqualTo("1 folder not searched: unreadable " + closed);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> find("in/closed"))
          .withMessage("cannot search the folder " + closed + ": permission denied");
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void find_outputFolder_isNotSearched() throws IOException {
    touch("a.png");
    touch("out/saliency/a.png");
    link("link", "out/saliency");

    ImageFiles found = ImageFiles.find(List.of(folder), folder.resolve("x/../out"));

    assertThat(found.files()).containsOnlyKeys("a.png");
    assertThat(found.leftOut())
        .isEqualTo(
            "2 folders not searched: output "
                + folder.resolve("out")
                + ", "
                + folder.resolve("link"));
  }

  @Test
  void find_outputFolderAmongTheInputs_leavesOutOnlyWhatThisProgramWrote() throws IOException {
    touch("in/a.png");
    touch("in/saliency/mine.png");
    write("in", "b.png");
    write("in/saliency", "a.png");

    for (Path output : List.of(folder.resolve("in"), folder)) {
      ImageFiles found = ImageFiles.find(List.of(folder.resolve("in")), output);
      assertThat(found.files()).containsOnlyKeys("a.png", "saliency/mine.png");
      assertThat(found.leftOut()).isEqualTo("2 files left out: 2 written by an earlier run");
    }
  }

  @Test
  void find_mapNamedByItself_isTaken() throws IOException {
    Path map = write("out", "a.png");

    assertThat(ImageFiles.find(List.of(map), map.getParent()).files())
        .containsExactly(Map.entry("a.png", map));
  }

  @Test
  void find_oneFileByManyPaths_isOne() throws IOException {
    Path a = touch("in/a.png");
    link("same", "in");

    ImageFiles found =
        ImageFiles.find(
            List.of(a, folder.resolve("in/../in/a.png"), folder.resolve("same/a.png")), folder);

    assertThat(found.files()).containsExactly(Map.entry("a.png", a));
    assertThat(ImageFiles.find(List.of(a, folder.resolve("in")), folder).files())
        .containsExactly(Map.entry("a.png", a));
  }

  @Test
  void find_filesOfOneName_haveTheFoldersThatTellThemApart() throws IOException {
    Path first = touch("p/a/x.png");
    Path second = touch("p/b/x.png");
    Path third = touch("q/b/x.png");
    Path other = touch("q/b/y.png");

    assertThat(ImageFiles.find(List.of(first, second, other), folder).files())
        .containsExactly(
            Map.entry("a/x.png", first), Map.entry("b/x.png", second), Map.entry("y.png", other));
    assertThat(find("p/a", "p/b").files()).containsOnlyKeys("a/x.png", "b/x.png");
    assertThat(ImageFiles.find(List.of(first, second, third), folder).files())
        .containsOnlyKeys("a/x.png", "p/b/x.png", "q/b/x.png");
  }

  @Test
  void find_missingFile_isListed() {
    Path missing = folder.resolve("absent.png");
    assertThat(find("absent.png").files()).containsExactly(Map.entry("absent.png", missing));
  }

  @Test
  void find_relativeFolder_givesPlainNames() throws IOException {
    touch("in/deep/a.png");
    Path relative = Path.of("").toAbsolutePath().relativize(folder.toRealPath());

    for (String name : List.of("in", "in/.", "x/../in")) {
      Files.createDirectories(folder.resolve("x"));
      assertThat(ImageFiles.find(List.of(relative.resolve(name)), folder.resolve("out")).files())
          .containsOnlyKeys("deep/a.png");
    }
  }

  @Test
  void find_namesOutsideTheCharacterSet_areToldApart() throws Exception {
    Path in = Files.createDirectory(folder.resolve("in"));
    Process shell =
        new ProcessBuilder(
                "sh", "-c", "touch \"$(printf 'a\\351.png')\" \"$(printf 'a\\350.png')\"")
            .directory(in.toFile())
            .start();
    assumeThat(shell.waitFor()).isZero();
    try (Stream<Path> files = Files.list(in)) {
      assumeThat(files).hasSize(2);
    }

    assertThat(find("in").files()).hasSize(2).doesNotContainKey("a.png");
  }

  @Test
  void find_series_takesAFolderOfSlicesAsOneImage() throws IOException {
    for (String name : List.of("in/ann/IM1", "in/ann/IM2", "in/ben/ct/IM1", "in/ben/ct/IM2")) {
      Files.write(touch(name), mark());
    }
    touch("in/ann/notes.txt");
    Path picture = touch("in/ben/a.png");

    ImageFiles found = ImageFiles.find(List.of(folder.resolve("in")), folder, true);

    assertThat(found.files())
        .containsExactly(
            Map.entry("ann", folder.resolve("in/ann")),
            Map.entry("ben/a.png", picture),
            Map.entry("ben/ct", folder.resolve("in/ben/ct")));
    assertThat(found.haveSlices()).isFalse();
    assertThat(ImageFiles.find(List.of(folder.resolve("in/ann/.")), folder, true).files())
        .containsExactly(Map.entry("ann", folder.resolve("in/ann")));
  }

  @Test
  void find_slicesWithoutSeries_areImagesOfTheirOwn() throws IOException {
    Files.write(touch("in/ann/IM1"), mark());
    Files.write(touch("in/ann/IM2"), mark());

    ImageFiles found = find("in");

    assertThat(found.files()).containsOnlyKeys("ann/IM1", "ann/IM2");
    assertThat(found.haveSlices()).isTrue();
    touch("other/a.png");
    assertThat(find("other").haveSlices()).isFalse();
  }

  /** How a DICOM file starts, and Rows. */
  private static byte[] mark() {
    byte[] start = new byte[142];
    byte[] end = "DICM(\0\20\0US\2\0\1\0".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(end, 0, start, 128, end.length);
    return start;
  }

  private ImageFiles find(String... paths) {
    return ImageFiles.find(
        Stream.of(paths).map(folder::resolve).toList(), folder.resolve("elsewhere/out"));
  }

  private Path touch(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), folder.resolve(target));
  }

  private Path write(String output, String name) {
    return OutputFolder.open(folder.resolve(output), List.of())
        .writePicture(name, new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
  }
}
