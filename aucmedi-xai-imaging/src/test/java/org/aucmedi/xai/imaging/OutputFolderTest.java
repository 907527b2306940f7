package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFolderTest {

  /** Above every process id that a system gives. */
  private static final String NOBODY = "999999999999";

  @TempDir private Path temp;
  private Path folder;
  private OutputFolder output;

  @BeforeEach
  void open() {
    folder = temp.resolve("deep/out");
    output = OutputFolder.open(folder, List.of());
  }

  @Test
  void write_ownFiles_areReplaced() throws IOException {
    output.writePicture("a.png", picture(0x112233));
    output.writeArray("a.npy", new int[] {2}, new float[] {1, 2});

    OutputFolder later = OutputFolder.open(folder, List.of());
    later.check("a.png");
    Path png = later.writePicture("a.png", picture(0x445566));
    Path npy = later.writeArray("a.npy", new int[] {1}, new float[] {3});

    assertThat(ImageIO.read(png.toFile()).getRGB(0, 0) & 0xffffff).isEqualTo(0x445566);
    assertThat(Npy.read(npy).data()).containsExactly(3);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a.png", "a.npy");
  }

  @Test
  void writePage_ownPages_areReplacedAndNoOthers() throws IOException {
    Path page =
        output.writePage("a.html", out -> out.write("<p>1".getBytes(StandardCharsets.UTF_8)));
    output.writePage("a.html", out -> out.write("<p>2".getBytes(StandardCharsets.UTF_8)));

    assertThat(page).hasContent("<!doctype html>\n<!-- Software: AUCMEDI-XAI -->\n<p>2");
    Files.writeString(page, "<!doctype html>\n<p>mine");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.writePage("a.html", out -> {}))
        .withMessageStartingWith("cannot write " + page);
  }

  @Test
  void writePicture_withAComment_isMarkedAndRead() throws IOException {
    Path png = output.writePicture("a.png", picture(0x112233), "{\"a\":1}");

    assertThat(OutputFolder.wrote(png)).isTrue();
    assertThat(ImageIO.read(png.toFile()).getRGB(0, 0) & 0xffffff).isEqualTo(0x112233);
    assertThat(Files.readString(png, StandardCharsets.ISO_8859_1)).contains("Comment\0{\"a\":1}");
  }

  @Test
  void write_copyOfAnOwnFile_isReplaced() throws IOException {
    Path original = output.writePicture("a.png", picture(1));
    Files.copy(original, folder.resolve("b.png"));

    output.writePicture("b.png", picture(2));

    assertThat(ImageIO.read(folder.resolve("b.png").toFile()).getRGB(0, 0) & 0xffffff).isEqualTo(2);
  }

  @Test
  void write_filesOfAUser_areKept() throws IOException {
    ImageWriter.write(picture(7), folder.resolve("picture.png"));
    Npy.write(folder.resolve("array.npy"), new int[] {1}, new float[] {7});
    Files.writeString(folder.resolve("text.png"), "Software AUCMEDI-XAI");
    Files.createDirectory(folder.resolve("folder.png"));
    byte[] png = Files.readAllBytes(folder.resolve("picture.png"));
    byte[] npy = Files.readAllBytes(folder.resolve("array.npy"));

    for (String name : List.of("picture.png", "array.npy", "text.png", "folder.png")) {
      assertRefused(name, "this program did not write what is there; move it away");
    }

    assertThat(folder.resolve("picture.png")).hasBinaryContent(png);
    assertThat(folder.resolve("array.npy")).hasBinaryContent(npy);
    assertThat(folder.toFile().list()).hasSize(4);
  }

  @Test
  void write_links_areKept() throws IOException {
    Path map = output.writePicture("map.png", picture(7));
    Files.createSymbolicLink(folder.resolve("link.png"), map);
    Files.createSymbolicLink(folder.resolve("broken.png"), folder.resolve("nowhere"));

    assertRefused("link.png", "did not write");
    assertRefused("broken.png", "did not write");
  }

  @Test
  void write_imagesToExplain_areKeptEvenIfThisProgramWroteThem() throws IOException {
    Path map = output.writePicture("map.png", picture(7));
    byte[] before = Files.readAllBytes(map);
    Path same = Files.createSymbolicLink(temp.resolve("same"), folder);
    output = OutputFolder.open(folder, List.of(same.resolve("../out/map.png")));

    assertThat(output.inputNames()).containsExactly("map.png");
    assertRefused("map.png", "it is an image to explain; choose another output folder");
    assertThat(map).hasBinaryContent(before);
  }

  @Test
  void write_emptyFile_isReplaced() throws IOException {
    Files.createFile(folder.resolve("a.npy"));

    assertThat(Npy.read(output.writeArray("a.npy", new int[] {1}, new float[] {3})).data())
        .containsExactly(3);
  }

  @Test
  void writeArray_header_isPaddedWithWhiteSpaceOnly() throws IOException {
    for (int[] shape : new int[][] {{0}, {1, 1}, {1, 1, 0, 1000, 123456, 1234567}}) {
      byte[] file = Files.readAllBytes(output.writeArray("a.npy", shape, size(shape)));
      String text = new String(file, StandardCharsets.ISO_8859_1);
      int start = 10 + (file[8] & 0xff) + 256 * (file[9] & 0xff);
      assertThat(start % 64).isZero();
      assertThat(text.substring(10, start))
          .matches(
              Pattern.compile(
                  "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\([^)]*\\), \\}"
                      + "[ \t]+\n"));
      assertThat(OutputFolder.wrote(folder.resolve("a.npy"))).isTrue();
    }
  }

  @Test
  void writePicture_mark_isAPngText() throws IOException {
    byte[] png = Files.readAllBytes(output.writePicture("a.png", picture(7)));

    assertThat(new String(png, StandardCharsets.ISO_8859_1)).contains("tEXtSoftware\0AUCMEDI-XAI");
  }

  @Test
  void wrote_damagedMarks_areNone() throws IOException {
    byte[] png = Files.readAllBytes(output.writePicture("a.png", picture(7)));
    byte[] npy = Files.readAllBytes(output.writeArray("a.npy", new int[] {1}, new float[] {3}));
    int wholePng = new String(png, StandardCharsets.ISO_8859_1).indexOf("AUCMEDI-XAI") + 11 + 4;
    int wholeNpy = 192 < npy.length ? 192 : 128;
    Path cut = folder.resolve("cut");
    for (int length = 0; length < 192; length++) {
      if (length < png.length) {
        Files.write(cut, Arrays.copyOf(png, length));
        assertThat(OutputFolder.wrote(cut)).isEqualTo(length >= wholePng);
      }
      Files.write(cut, Arrays.copyOf(npy, Math.min(length, npy.length)));
      assertThat(OutputFolder.wrote(cut)).isEqualTo(length >= wholeNpy);
    }
    assertThat(OutputFolder.wrote(folder)).isFalse();
    assertThat(OutputFolder.wrote(folder.resolve("none.png"))).isFalse();
  }

  @Test
  void open_leftoversOfKilledRuns_areRemoved() throws IOException {
    String mine = String.valueOf(ProcessHandle.current().pid());
    leave(".aucmedi-xai-" + NOBODY + "-0123abcd.tmp", Duration.ofMinutes(2));
    leave(".aucmedi-xai-" + mine + "-0123abcd.tmp", Duration.ofHours(2));
    leave(".aucmedi-xai-" + NOBODY + "-00000000.tmp", Duration.ofSeconds(10));
    leave(".aucmedi-xai-" + mine + "-00000000.tmp", Duration.ofMinutes(2));
    leave(".aucmedi-xai-notes.tmp", Duration.ofHours(2));
    leave("old.tmp", Duration.ofHours(2));

    OutputFolder.open(folder, List.of());

    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            ".aucmedi-xai-" + NOBODY + "-00000000.tmp",
            ".aucmedi-xai-" + mine + "-00000000.tmp",
            ".aucmedi-xai-notes.tmp",
            "old.tmp");
  }

  @Test
  void open_linkToAFolder_isTaken() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), folder);

    OutputFolder.open(link, List.of()).writeArray("a.npy", new int[] {1}, new float[] {3});

    assertThat(folder.resolve("a.npy")).exists();
  }

  @Test
  void open_fileInPlaceOfTheFolder_saysSo() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));

    for (Path place : List.of(file, file.resolve("below"))) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> OutputFolder.open(place, List.of()))
          .withMessageStartingWith("cannot create the output folder " + place + ": ")
          .withMessageMatching("(?s).*(a file is where a folder should be|Not a directory)");
    }
  }

  @Test
  void write_longestName_fits() {
    String name = "x".repeat(251) + ".npy";

    assertThat(output.writeArray(name, new int[] {1}, new float[] {3})).exists();
  }

  @Test
  void write_nameTooLong_saysWhy() {
    String name = "x".repeat(252) + ".npy";

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.writeArray(name, new int[] {1}, new float[] {3}))
        .withMessageStartingWith("cannot write " + folder.resolve(name) + ": ")
        .withMessageContaining("too long");
  }

  private void assertRefused(String name, String reason) {
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.check(name))
        .withMessageStartingWith("cannot write " + folder.resolve(name) + ": ")
        .withMessageContaining(reason);
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.writePicture(name, picture(1)))
        .withMessageContaining(reason);
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> output.writeArray(name, new int[] {1}, new float[1]))
        .withMessageContaining(reason);
  }

  private void leave(String name, Duration age) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private static float[] size(int[] shape) {
    return new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
  }

  private static BufferedImage picture(int rgb) {
    BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, rgb);
    return picture;
  }
}
