package org.aucmedi.xai.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's own tests of its operators: compiled, and computed by libtorch. */
final class OnnxNodeTestsIT {

  private static final String OLD = "opset 1; 7 is the oldest that is compiled";
  private static final String EMPTY = "PyTorch has no extreme of no values";

  /** ONNX Runtime leaves these out as well. */
  private static final String FRACTION =
      "the test aligns the corners of a fractional size, PyTorch and ONNX Runtime of the whole one";

  /** The tests that do not pass, with the reason. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "test_not_2d", OLD,
          "test_not_3d", OLD,
          "test_not_4d", OLD,
          "test_constant", "it has no input, which DJL's forward needs",
          "test_reduce_max_empty_set", EMPTY,
          "test_reduce_max_empty_set_bool", EMPTY,
          "test_reduce_min_empty_set", EMPTY,
          "test_resize_downsample_scales_cubic_align_corners", FRACTION,
          "test_resize_downsample_scales_linear_align_corners", FRACTION);

  @TempDir private Path folder;

  @Test
  void compiled_everyTest_computesWhatOnnxSays() throws Exception {
    Map<String, NodeTest> tests = NodeTest.read(Golden.file("onnx/node-tests.zip"));
    Map<String, String> failures = new TreeMap<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      for (Map.Entry<String, NodeTest> test : tests.entrySet()) {
        Path own = Files.createDirectory(folder.resolve(test.getKey()));
        try {
          test.getValue().run(manager, own, false);
        } catch (Exception | AssertionError asItIs) {
          // Axes and sizes are constants in models; here they are inputs.
          try {
            test.getValue().run(manager, own, true);
          } catch (Exception | AssertionError e) {
            failures.put(
                test.getKey(), String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
          }
        }
      }
    }
    assertThat(failures.keySet())
        .as("of %s tests: %s", tests.size(), failures)
        .isEqualTo(new TreeSet<>(LIMITS.keySet()));
    assertThat(LIMITS.size()).isLessThanOrEqualTo(tests.size() / 20);
  }
}
