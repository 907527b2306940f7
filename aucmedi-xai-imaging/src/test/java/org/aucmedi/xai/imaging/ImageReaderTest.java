package org.aucmedi.xai.imaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.SampleType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@link ImageLoader} chooses among readers. */
final class ImageReaderTest {

  private static final byte[] MAGIC = "MAGIC".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  /** Gives images of one value, by which it is known. */
  private static class Fake implements ImageReader {

    private final List<String> extensions;
    private final float value;

    Fake(float value, String... extensions) {
      this.extensions = List.of(extensions);
      this.value = value;
    }

    @Override
    public List<String> extensions() {
      return extensions;
    }

    @Override
    public ImageArray read(Path file, ImageLoader.Options options) {
      return ImageArray.of(new int[] {1, 1}, 1, new float[] {value}, SampleType.FLOAT);
    }
  }

  /** Knows its files by their content as well. */
  private static final class Recognising extends Fake {

    Recognising(float value, String... extensions) {
      super(value, extensions);
    }

    @Override
    public boolean recognises(byte[] start) {
      return start.length >= MAGIC.length
          && start.length <= 512
          && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }
  }

  /** Reads folders, and applies windows in its own way. */
  private static final class OfFolders extends Fake {

    OfFolders(float value, String... extensions) {
      super(value, extensions);
    }

    @Override
    public boolean readsFolder(Path folder) {
      return Files.exists(folder.resolve("slice"));
    }

    @Override
    public boolean appliesWindow() {
      return true;
    }
  }

  @Test
  void read_folder_goesToTheReaderOfFolders() throws IOException {
    ImageLoader loader = new ImageLoader(List.of(new Fake(1, "png"), new OfFolders(2, "dcm")));
    Path slices = Files.createDirectory(folder.resolve("slices.png"));

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> loader.read(slices, ImageLoader.Options.DEFAULT))
        .withMessageContaining("it is a folder, but not of slices of a volume");

    Files.createFile(slices.resolve("slice"));
    assertThat(loader.read(slices, ImageLoader.Options.DEFAULT).at(0, 0, 0)).isEqualTo(2);
  }

  @Test
  void read_window_isAppliedWhereTheReaderDoesNot() throws IOException {
    ImageLoader loader = new ImageLoader(List.of(new Fake(1, "png"), new OfFolders(2, "dcm")));
    Windowing window = Windowing.of(new Window(1, 4, Window.Function.LINEAR_EXACT));
    ImageLoader.Options options = new ImageLoader.Options(false, null, 9).withWindow(window);

    assertThat(loader.read(Files.createFile(folder.resolve("a.png")), options).at(0, 0, 0))
        .isEqualTo(127.5f);
    assertThat(loader.read(Files.createFile(folder.resolve("a.dcm")), options).at(0, 0, 0))
        .isEqualTo(2);
    assertThat(read(loader, "b.png")).isEqualTo(1);
  }

  @Test
  void read_knownExtension_goesToItsReader() throws IOException {
    ImageLoader loader = new ImageLoader(List.of(new Fake(1, "gz"), new Fake(2, "nii", "nii.gz")));

    assertThat(read(loader, "a.gz")).isEqualTo(1);
    assertThat(read(loader, "a.b.NII")).isEqualTo(2);
    assertThat(read(loader, "a.b.nii.gz")).isEqualTo(2);
    assertThat(read(loader, "a.nii.b.gz")).isEqualTo(1);
  }

  @Test
  void read_unknownExtension_goesToTheReaderThatRecognisesTheContent() throws IOException {
    ImageLoader loader = new ImageLoader(List.of(new Fake(1, "png"), new Recognising(2, "dcm")));

    assertThat(read(loader, "IM0001", MAGIC)).isEqualTo(2);
    assertThat(read(loader, "1.2.840", Arrays.copyOf(MAGIC, 5000))).isEqualTo(2);
  }

  @Test
  void read_extensionThatLies_goesToTheReaderThatRecognisesTheContent() throws IOException {
    ImageLoader loader =
        new ImageLoader(List.of(new Fake(1, "png"), new Recognising(2, "dcm"), new Fake(3, "gz")));

    assertThat(read(loader, "named.png", MAGIC)).isEqualTo(2);
    assertThat(read(loader, "real.png", new byte[] {1, 2})).isEqualTo(1);
    assertThat(read(loader, "bare.dcm", new byte[] {1, 2})).isEqualTo(2);
  }

  @Test
  void read_extensionThatLies_ofARealFile_isReadByItsContent() throws IOException {
    byte[] png = {
      (byte) 0x89,
      'P',
      'N',
      'G',
      '\r',
      '\n',
      0x1a,
      '\n',
      0,
      0,
      0,
      13,
      'I',
      'H',
      'D',
      'R',
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1,
      8,
      0,
      0,
      0,
      0,
      0x3a,
      0x7e,
      (byte) 0x9b,
      0x55,
      0,
      0,
      0,
      10,
      'I',
      'D',
      'A',
      'T',
      0x78,
      (byte) 0x9c,
      0x63,
      0x68,
      0,
      0,
      0,
      (byte) 0x82,
      0,
      (byte) 0x81,
      0x77,
      (byte) 0xcd,
      0x72,
      (byte) 0xb6,
      0,
      0,
      0,
      0,
      'I',
      'E',
      'N',
      'D',
      (byte) 0xae,
      0x42,
      0x60,
      (byte) 0x82
    };
    Path array = folder.resolve("array.png");
    Npy.write(array, new int[] {1, 2}, new float[] {0.25f, -3});

    for (String name : List.of("scan.dcm", "array.npy", "photo.jpg", "PICTURE", "zip.npz")) {
      assertThat(ImageLoader.load(Files.write(folder.resolve(name), png), true).data())
          .as(name)
          .containsExactly(128);
      assertThat(ImageLoader.isSupported(folder.resolve(name))).as(name).isTrue();
    }
    assertThat(ImageLoader.load(array, true).data()).containsExactly(0.25f, -3);
  }

  @Test
  void read_extensionThatLies_ofUnknownContent_isOneSentence() throws IOException {
    Path text = Files.writeString(folder.resolve("text.npy"), "no array");
    Path unknown = Files.writeString(folder.resolve("IM0001"), "no picture");

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(text, false))
        .withMessageStartingWith("cannot read " + text + ": ");
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> ImageLoader.load(unknown, false))
        .withMessageContaining("its extension '' is none of [png, jpg")
        .withMessageEndingWith("; convert it to png");
    assertThat(ImageLoader.isSupported(unknown)).isFalse();
  }

  @Test
  void read_whatNoReaderTakes_listsWhatAllOfThemRead() throws IOException {
    ImageLoader loader =
        new ImageLoader(List.of(new Fake(1, "png", "tif"), new Recognising(2, "dcm")));
    Path file = Files.write(folder.resolve("a.webp"), new byte[] {'M', 'A', 'G'});

    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> loader.read(file, ImageLoader.Options.DEFAULT))
        .withMessage(
            "cannot read %s: its extension 'webp' is none of [png, tif, dcm]; convert it to png",
            file);
  }

  @Test
  void new_twoReadersOfOneExtension_areRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new ImageLoader(List.of(new Fake(1, "tif"), new Recognising(2, "tif"))))
        .withMessage(
            "%s and %s both read .tif; remove one of them from the classpath",
            Fake.class.getName(), Recognising.class.getName());
  }

  @Test
  void extensions_ofTheReadersOnTheClasspath_arePicturesThenArrays() {
    assertThat(ImageLoader.extensions())
        .containsExactly("png", "jpg", "jpeg", "jfif", "tif", "tiff", "bmp", "gif", "npy", "npz");
  }

  private float read(ImageLoader loader, String name) throws IOException {
    return read(loader, name, new byte[0]);
  }

  private float read(ImageLoader loader, String name, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    return loader.read(file, ImageLoader.Options.DEFAULT).at(0, 0, 0);
  }
}
