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
        .withMessage("it is a zip file without data.pkl");
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
