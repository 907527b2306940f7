package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.aucmedi.xai.testkit.TorchScriptArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModuleArchiveTest {

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  @TempDir private Path folder;

  @Test
  void check_whatTorchScriptWrites_isFine() throws IOException {
    Path file = TorchScriptArchive.write(folder.resolve("a.pt"), "return x");

    check(file);
  }

  @Test
  void open_everyTruncation_fails() throws IOException {
    byte[] whole = Files.readAllBytes(TorchScriptArchive.write(folder.resolve("a.pt"), "return x"));
    for (int length = 0; length < whole.length; length += 7) {
      Path cut = Files.write(folder.resolve("cut.pt"), Arrays.copyOf(whole, length));
      assertThatIOException().as("the first %s bytes", length).isThrownBy(() -> check(cut));
    }
  }

  @Test
  void check_archiveThatInflatesToGigabytes_isRefusedUnread() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("code/__torch__.py", new byte[65 << 20]);
    Path bomb = write(entries);

    assertThat(Files.size(bomb)).isLessThan(1 << 20);
    assertThatIOException()
        .isThrownBy(() -> check(bomb))
        .withMessageContaining("its entries claim 68157")
        .withMessageContaining("more than a file of " + Files.size(bomb) + " bytes can hold");
  }

  @Test
  void check_entriesThatOverlap_areRefused() throws IOException {
    Path file = write(archive());

    try (ModuleArchive archive = ModuleArchive.open(file)) {
      assertThatIOException()
          .isThrownBy(() -> archive.check(10))
          .withMessageContaining("more than a file of 10 bytes can hold");
    }
  }

  @Test
  void check_foreignCallInAPickle_isRefusedByName() throws IOException {
    byte[] call =
        "\u0080\2cposix\nsystem\nX\4\0\0\0true\u0085R.".getBytes(StandardCharsets.ISO_8859_1);
    for (String pickle : new String[] {"data.pkl", "constants.pkl"}) {
      Map<String, byte[]> entries = archive();
      entries.put(pickle, call);
      Path file = write(entries);
      assertThatIOException().isThrownBy(() -> check(file)).withMessageContaining("posix.system");
    }
  }

  @Test
  void check_archiveWithoutCode_isCalledWeights() throws IOException {
    for (String missing : new String[] {"constants.pkl", "code/__torch__.py"}) {
      Map<String, byte[]> entries = archive();
      entries.remove(missing);
      Path file = write(entries);
      assertThatIOException().isThrownBy(() -> check(file)).withMessageContaining("but no code");
    }
  }

  @Test
  void open_zipOfSomethingElse_saysWhatIsMissing() throws IOException {
    Path file = write(Map.of("readme.txt", new byte[1]));

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("it is a zip file without data.pkl; load the weights in Python");
  }

  @Test
  void open_programOfTorchExport_isNamed() throws IOException {
    Path file = write(Map.of("archive_format", new byte[1], "models/model.json", new byte[1]));

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("it was saved by torch.export; ")
        .withMessageContaining("torch.jit.trace");
  }

  @Test
  void open_textOrPickle_isNoZip() throws IOException {
    Path file = Files.writeString(folder.resolve("text.pt"), "weights");

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("it is not a zip file, as TorchScript files are");
  }

  /** Each byte of the file belongs to an entry's content or makes the file unreadable. */
  @Test
  void check_alteredByteInAnyEntry_isDamage() throws IOException {
    Path file = TorchScriptArchive.write(folder.resolve("a.pt"), "return x");
    byte[] whole = Files.readAllBytes(file);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    for (String inside : new String[] {"NetTensor", "return x", "training", "3\n"}) {
      int at = text.indexOf(inside.replace("NetTensor", "Tensor) -> Tensor"));
      byte[] altered = whole.clone();
      altered[at] ^= 1;
      Path damaged = Files.write(folder.resolve("altered.pt"), altered);
      assertThatIOException()
          .isThrownBy(() -> check(damaged))
          .withMessageContaining("the checksum of its entry net/")
          .withMessageContaining("copy or download it again");
    }
  }

  @Test
  void check_alteredDeflatedEntry_isDamage() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("data/0", new byte[1000]);
    Path file = write(entries);
    byte[] whole = Files.readAllBytes(file);
    // The checksum in the central directory, 16 bytes into the last header.
    int header = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("PK\1\2");
    whole[header + 16] ^= 1;
    Files.write(file, whole);

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageContaining("the checksum of its entry net/data/0");
  }

  @Test
  void check_twoEntriesOfOneName_areRefused() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("data.pkX", EMPTY_TUPLE);
    Path file = write(entries);
    String twice =
        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).replace("pkX", "pkl");
    Files.write(file, twice.getBytes(StandardCharsets.ISO_8859_1));

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageContaining("it has two entries named net/data.pkl");
  }

  /** libtorch takes the first entry's folder, so another one must not be what is checked. */
  @Test
  void open_secondFolder_isNotMistakenForTheFirst() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("version", new byte[] {'3'});
    entries.put("../other/data.pkl", EMPTY_TUPLE);

    Path file = write(entries);
    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("it is a zip file without data.pkl");
  }

  @Test
  void check_emptyPickle_saysSo() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("data.pkl", new byte[0]);
    Path file = write(entries);

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("its data.pkl cannot be read: the pickle ends after 0 bytes; ");
  }

  @Test
  void check_deepCode_isRefused() throws IOException {
    Map<String, byte[]> entries = archive();
    String brackets = "return " + "(".repeat(20_000);
    entries.put("code/__torch__/deep.py", brackets.getBytes(StandardCharsets.UTF_8));
    Path file = write(entries);

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("its code/__torch__/deep.py is nested too deeply");
  }

  @Test
  void check_weightsOfOptimizeForInference_areNamed() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put(
        "code/__torch__.py",
        "w = ops.prim.ConstantMKLDNNTensor()".getBytes(StandardCharsets.UTF_8));
    Path file = write(entries);

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageContaining("torch.jit.optimize_for_inference")
        .withMessageContaining("save the module before that call");
  }

  @Test
  void check_tensorFileThatIsShort_namesTensorAndSizes() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("data.pkl", TensorPickle.of("FloatStorage", 20_000_000, 0, "K\4K\3", "K\3K\1"));
    entries.put("data/0", new byte[64]);
    Path file = write(entries);

    assertThatIOException()
        .isThrownBy(() -> check(file))
        .withMessageStartingWith("its tensor 'w' needs 80000000 bytes, but data/0 has 64; ");
  }

  @Test
  void write_replacedAndAddedFiles_leaveTheRestAlone() throws IOException {
    Map<String, byte[]> entries = archive();
    entries.put("data/0", new byte[] {1, 2, 3});
    entries.put("code/__torch__.py.debug_pkl", new byte[] {4});
    Path copy = folder.resolve("copy.pt");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ModuleArchive archive = ModuleArchive.open(write(entries))) {
      archive.write(
          out, Map.of("code/__torch__.py", new byte[] {'n'}, "code/added.py", new byte[] {'a'}));
    }
    Files.write(copy, out.toByteArray());

    try (ModuleArchive archive = ModuleArchive.open(copy)) {
      assertThat(archive.code()).isEqualTo(Map.of("code/__torch__.py", "n", "code/added.py", "a"));
      assertThat(archive.read("data/0")).containsExactly(1, 2, 3);
      assertThatIOException()
          .isThrownBy(() -> archive.read("code/__torch__.py.debug_pkl"))
          .withMessageContaining("code/__torch__.py.debug_pkl");
    }
  }

  private static void check(Path file) throws IOException {
    try (ModuleArchive archive = ModuleArchive.open(file)) {
      archive.check(Files.size(file));
    }
  }

  private static Map<String, byte[]> archive() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", EMPTY_TUPLE);
    entries.put("constants.pkl", EMPTY_TUPLE);
    entries.put("code/__torch__.py", new byte[] {'c'});
    return entries;
  }

  private Path write(Map<String, byte[]> entries) throws IOException {
    Path file = folder.resolve("archive.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry("net/" + entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }
}
