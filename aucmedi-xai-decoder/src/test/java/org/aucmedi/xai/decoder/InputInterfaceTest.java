package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InputInterfaceTest {

  @TempDir private Path folder;

  @Test
  void directory_mixedExtensions_keepTheirNames() throws IOException {
    touch("b.jpeg", "a.png", "README", "c.npy", ".hidden.png", "sub/d.png");

    InputInterface input = InputInterface.directory(folder);

    assertThat(input.samples()).containsExactly("a.png", "b.jpeg", "c.npy");
    assertThat(input.files()).containsEntry("b.jpeg", folder.resolve("b.jpeg"));
    assertThat(input.leftOut()).containsExactly(".hidden.png", "README", "sub");
    assertThat(input.classNames()).isEmpty();
    assertThat(input.labels()).isNull();
  }

  @Test
  void classDirectories_areTheClasses() throws IOException {
    touch("dog/1.png", "dog/0.png", "cat/x.png", "cat/notes.txt", "top.png");
    Files.createDirectory(folder.resolve("empty"));

    InputInterface input = InputInterface.classDirectories(folder);

    assertThat(input.samples()).containsExactly("cat/x.png", "dog/0.png", "dog/1.png");
    assertThat(input.classNames()).containsExactly("cat", "dog");
    assertThat(input.labels()).isDeepEqualTo(new float[][] {{1, 0}, {0, 1}, {0, 1}});
    assertThat(input.leftOut()).containsExactly("cat/notes.txt", "empty", "top.png");
  }

  @Test
  void csv_sparseClasses_areSortedAndIdsStay() throws IOException {
    touch("001.png", "1.jpg", "sub/002.png");
    Path csv = write("data.csv", "age,SAMPLE,CLASS\n40,001,dog\n50,1,cat\n60,sub/002,dog\n");

    InputInterface input = InputInterface.csv(folder, csv);

    assertThat(input.samples()).containsExactly("001.png", "1.jpg", "sub/002.png");
    assertThat(input.files()).containsEntry("sub/002.png", folder.resolve("sub/002.png"));
    assertThat(input.classNames()).containsExactly("cat", "dog");
    assertThat(input.labels()).isDeepEqualTo(new float[][] {{0, 1}, {1, 0}, {0, 1}});
  }

  @Test
  void csv_oneColumnPerClass_isOneHot() throws IOException {
    touch("a.png", "b.png");
    Path csv = write("data.csv", "ID,x,y,z\na.png,0,1,1.0\nb,1,0,0\n");

    InputInterface all = InputInterface.csv(folder, csv, "ID", "CLASS", null);
    InputInterface some = InputInterface.csv(folder, csv, "ID", "CLASS", List.of("z", "x"));

    assertThat(all.samples()).containsExactly("a.png", "b.png");
    assertThat(all.classNames()).containsExactly("x", "y", "z");
    assertThat(all.labels()).isDeepEqualTo(new float[][] {{0, 1, 1}, {1, 0, 0}});
    assertThat(some.classNames()).containsExactly("z", "x");
    assertThat(some.labels()).isDeepEqualTo(new float[][] {{1, 0}, {0, 1}});
  }

  @Test
  void csv_samplesOnly_haveNoLabels() throws IOException {
    touch("a.png");

    InputInterface input = InputInterface.csv(folder, write("data.csv", "SAMPLE\na\n"));

    assertThat(input.samples()).containsExactly("a.png");
    assertThat(input.labels()).isNull();
  }

  @Test
  void json_bothKindsOfLabels_areRead() throws IOException {
    touch("001.png", "b.gif");

    InputInterface sparse =
        InputInterface.json(folder, write("s.json", "{\"001\": \"dog\", \"b\": 7}"));
    InputInterface hot = InputInterface.json(folder, write("h.json", "{\"001\": [0, 1]}"));
    InputInterface named =
        InputInterface.json(
            folder, write("n.json", "{\"legend\": [\"no\", \"yes\"], \"001\": [false, true]}"));

    assertThat(sparse.samples().get(0)).isEqualTo("001.png");
    assertThat(sparse.classNames()).containsExactly("7", "dog");
    assertThat(sparse.labels()).isDeepEqualTo(new float[][] {{0, 1}, {1, 0}});
    assertThat(hot.classNames()).containsExactly("0", "1");
    assertThat(hot.labels()).isDeepEqualTo(new float[][] {{0, 1}});
    assertThat(named.classNames()).containsExactly("no", "yes");
    assertThat(named.labels()).isDeepEqualTo(new float[][] {{0, 1}});
  }

  @Test
  void badTables_areRefusedInOneSentence() throws IOException {
    touch("a.png", "a.jpg", "b.png");
    assertCsv("NAME,CLASS\nb,1\n", "data.csv has no column SAMPLE, only [NAME, CLASS]");
    assertCsv(
        "SAMPLE,CLASS\nb,1\nz,2\n", "line 3, names the sample 'z', and there is no such image");
    assertCsv("SAMPLE,CLASS\na,1\n", "'a', which may be any of [a.jpg, a.png]; name it with its");
    assertCsv("SAMPLE,CLASS\nb,1\nb.png,1\n", "line 3, names the sample 'b.png' once more");
    assertCsv("SAMPLE,CLASS\nb\n", "line 2, has 1 values where the header has 2");
    assertCsv("SAMPLE,x\nb,yes\n", "line 2, has 'yes' for a class, which is neither 0 nor 1");
    assertCsv("SAMPLE,CLASS\n", "names no sample");
    assertCsv("SAMPLE,CLASS\n,1\n", "line 2, names the sample ''");
    assertJson("[1]", "holds no object");
    assertJson("{", "is no JSON file");
    assertJson("{\"b\": {}}", "'b', is neither the name of a class nor a list");
    assertJson("{\"b\": [1, 0], \"a.png\": \"dog\"}", "some a list; use one of them");
    assertJson("{\"b\": [1, 0], \"a.png\": [1]}", "'a.png', has 1 classes, others have 2");
    assertJson("{\"legend\": [\"x\"], \"b\": [1, 0]}", "names the classes [x] for lists of 2");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> InputInterface.directory(folder.resolve("none")))
        .withMessageContaining("cannot read the folder");
    Files.createDirectory(folder.resolve("void"));
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> InputInterface.directory(folder.resolve("void")))
        .withMessageContaining("there is no image in");
  }

  private void assertCsv(String content, String message) throws IOException {
    Path csv = write("data.csv", content);
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> InputInterface.csv(folder, csv))
        .withMessageContaining(message);
  }

  private void assertJson(String content, String message) throws IOException {
    Path json = write("data.json", content);
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> InputInterface.json(folder, json))
        .withMessageContaining(message);
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private void touch(String... names) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
  }
}
