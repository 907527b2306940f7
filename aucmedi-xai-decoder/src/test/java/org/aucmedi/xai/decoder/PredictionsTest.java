package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PredictionsTest {

  @TempDir private Path folder;

  /** What pandas writes of the same numbers. */
  @Test
  void write_isWhatPandasWrites() throws IOException {
    Map<String, float[]> outputs = new LinkedHashMap<>();
    outputs.put("b.png", new float[] {0.1f, 1 / 3f, 1e-5f});
    outputs.put("a.png", new float[] {1.4454035e-06f, 7.9179680e-18f, 9.9999857e-01f});
    outputs.put("c,d.png", new float[] {0, 1, 123456.78f});
    outputs.put("q\"x.png", new float[] {1e-4f, 9.9e-5f, -2});
    outputs.put("\u00e9.png", new float[] {1.01e-4f, Float.MIN_VALUE, Float.MAX_VALUE});
    Path csv = folder.resolve("new/preds.csv");

    Predictions.of(List.of("Platelets", "RBC", "a, b"), outputs).write(csv);

    assertThat(Files.readString(csv))
        .isEqualTo(
            """
            SAMPLE,Platelets,RBC,"a, b"
            a,1.4454035e-06,7.917968e-18,0.99999857
            b,0.1,0.33333334,1e-05
            "c,d",0.0,1.0,123456.78
            "q""x",1e-04,9.9e-05,-2.0
            \u00e9,0.000101,1e-45,3.4028235e+38
            """);
    Predictions read = Predictions.read(csv);
    assertThat(read.classNames()).containsExactly("Platelets", "RBC", "a, b");
    assertThat(read.rows(List.copyOf(outputs.keySet())))
        .isDeepEqualTo(outputs.values().toArray(float[][]::new));
  }

  @Test
  void write_samplesThatDifferInTheirExtension_keepIt() {
    Path csv = folder.resolve("preds.csv");
    Map<String, float[]> outputs = new LinkedHashMap<>();
    outputs.put("x/a.png", new float[] {1});
    outputs.put("x/a.jpg", new float[] {2});
    outputs.put("b.c/d", new float[] {3});

    Predictions.of(outputs).write(csv);

    Predictions read = Predictions.read(csv);
    assertThat(read.samples()).containsExactly("b.c/d", "x/a.jpg", "x/a.png");
    assertThat(read.rows(List.of("x/a.png", "b.c/d", "x/a.jpg")))
        .isDeepEqualTo(new float[][] {{1}, {3}, {2}});
  }

  @Test
  void read_anyOrderOfColumnsAndLineEnds() throws IOException {
    Predictions read = read("\ufeffRBC,SAMPLE,WBC\r\n0.25,\"a\nb\",0.75\r\r\n1e-3,c,.5");

    assertThat(read.samples()).containsExactly("a\nb", "c");
    assertThat(read.inOrderOf(List.of("WBC", "RBC")).rows(List.of("c.png", "a\nb.png")))
        .isDeepEqualTo(new float[][] {{.5f, 1e-3f}, {.75f, .25f}});
  }

  @Test
  void rows_compressedVolumes_areFoundByAucmedisNameAndByTheirOwn() throws IOException {
    Predictions read = read("SAMPLE,A\na.nii,1\nb,2\nc.png,3\nc,4\n");

    assertThat(read.rows(List.of("a.nii.gz", "b.nii.gz", "c.png", "c.jpg")))
        .isDeepEqualTo(new float[][] {{1}, {2}, {3}, {4}});
  }

  @Test
  void rows_missingSample_namesIt() throws IOException {
    Predictions read = read("SAMPLE,A\nfirst,1\n");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> read.rows(List.of("first.png", "first.2.png")))
        .withMessage(
            folder.resolve("preds.csv")
                + " has no row for the image first.2.png among its 1, which begin with 'first'; give"
                + " the predictions of these images, or explain only images that have one");
  }

  @Test
  void rows_oneRowForTwoImages_isRefused() throws IOException {
    Predictions read = read("SAMPLE,A\na,1\n");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> read.rows(List.of("a.png", "a.jpg")))
        .withMessageContaining("one row, 'a', for two images, a.png and a.jpg");
  }

  @Test
  void inOrderOf_otherClasses_areNamed() throws IOException {
    Predictions read = read("SAMPLE,A,B\na,1,2\n");

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> read.inOrderOf(List.of("A", "C")))
        .withMessageContaining("has the classes [A, B], the model has [A, C]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                           | does not begin with a header of SAMPLE",
        "NAME,A;a,1                   | but with 'NAME,A'",
        "SAMPLE;a                     | does not begin with a header of SAMPLE",
        "SAMPLE,A,A;a,1,2             | names a column twice in [SAMPLE, A, A]",
        "SAMPLE,A;a,1;b               | line 3, has 1 values where the header has 2",
        "SAMPLE,A;a,1;;b,2,3          | line 4, has 3 values where the header has 2",
        "SAMPLE,A;a,1;a,2             | line 3, names the sample 'a' once more",
        "SAMPLE,A,B;a,1,x             | line 2, has 'x' in column B, which is no finite number",
        "SAMPLE,A,B;a,,1              | line 2, has '' in column A",
        "SAMPLE,A,B;a,nan,1           | line 2, has 'nan' in column A",
        "SAMPLE,A,B;a,NaN,1           | line 2, has 'NaN' in column A",
        "SAMPLE,A,B;a,1e39,1          | line 2, has '1e39' in column A",
        "SAMPLE,A,B;\"a,1,2           | line 2, has 1 values where the header has 3"
      })
  void read_anythingElse_isRefusedByLine(String text, String message) throws IOException {
    Files.writeString(folder.resolve("preds.csv"), text.replace(';', '\n'));

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Predictions.read(folder.resolve("preds.csv")))
        .withMessageStartingWith(folder.resolve("preds.csv").toString())
        .withMessageContaining(message);
  }

  @Test
  void read_noFileOrNoText_isTold() throws IOException {
    Path none = folder.resolve("none.csv");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "SAMPLE,\u00e9\na,1\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Predictions.read(none))
        .withMessage("cannot read " + none + ": there is no such file or folder");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> Predictions.read(latin))
        .withMessage(latin + " is not text in UTF-8; export it as CSV");
  }

  @Test
  void of_otherNumberOrTwice_isRefused() {
    Map<String, float[]> two = Map.of("a.png", new float[] {1, 2});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictions.of(List.of("A", "B", "C"), two))
        .withMessageContaining("'a.png' has 2 outputs for the classes [A, B, C]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Predictions.of(List.of("A", "A"), two))
        .withMessageContaining("named twice in [A, A]");
  }

  private Predictions read(String text) throws IOException {
    return Predictions.read(Files.writeString(folder.resolve("preds.csv"), text));
  }
}
