package org.aucmedi.xai.engine.mxnet;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.Arrays;
import java.util.List;
import org.aucmedi.xai.engine.mxnet.MxAutograd.Mark;
import org.aucmedi.xai.error.XAIException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disables oneDNN in MXNet.
 *
 * <p>Its max pooling is wrong in a backward pass in inference mode, and MXNet reads the setting
 * when it runs its first operator, even one that initialises a weight. So {@code
 * ExplainableModel.of} would be too late for models that DJL has loaded: oneDNN is disabled when
 * DJL starts the engine for the first model. If that was too late, a test with a small pooling
 * detects it, and gradients are refused.
 */
final class OneDnn {

  private static final Logger LOGGER = LoggerFactory.getLogger(OneDnn.class);

  /** The old and the new name of the setting. */
  private static final List<String> SWITCHES =
      List.of("MXNET_MKLDNN_ENABLED", "MXNET_ONEDNN_ENABLED");

  /** Without oneDNN, MXNet would log a paragraph for every operator that could have used it. */
  private static final String COMPLAINTS = "MXNET_STORAGE_FALLBACK_LOG_VERBOSE";

  private OneDnn() {}

  /** Disables it for this process, once; a setting of the user is respected. */
  static void switchOff() {
    Environment.prepare();
  }

  /**
   * Refuses gradients if oneDNN would falsify them.
   *
   * @param manager a manager on the model's device; oneDNN runs on the CPU only
   * @throws XAIException if oneDNN is on
   */
  static void requireOff(NDManager manager) {
    if (!manager.getDevice().isGpu() && !SelfTest.passes(manager)) {
      throw new XAIException(
          "MXNet runs with oneDNN, whose max pooling computes wrong gradients; set the environment"
              + " variables MXNET_MKLDNN_ENABLED=0 and MXNET_ONEDNN_ENABLED=0 before the JVM"
              + " starts (predictions are not affected)");
    }
  }

  /** The variables of this process, set once. */
  private static final class Environment {

    static {
      try {
        List<String> off = SWITCHES.stream().filter(Environment::switchOff).toList();
        switchOff(COMPLAINTS);
        if (!off.isEmpty()) {
          LOGGER.info(
              "oneDNN is disabled for all uses of MXNet in this JVM, since its max pooling computes"
                  + " wrong gradients; predictions are slower ({} set to 0)",
              off);
        }
      } catch (LinkageError e) {
        LOGGER.warn("cannot set {} ({}); gradients of MXNet models may be refused", SWITCHES, e);
      }
    }

    static void prepare() {
      // Initialises the class.
    }

    /** Sets a variable to 0, unless the user has set it. */
    private static boolean switchOff(String name) {
      if (System.getenv(name) != null) {
        return false;
      }
      if (Platform.isWindows()) {
        NativeLibrary.getInstance("ucrtbase")
            .getFunction("_putenv_s")
            .invokeInt(new Object[] {name, "0"});
      } else {
        NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
            .getFunction("setenv")
            .invokeInt(new Object[] {name, "0", 1});
      }
      return true;
    }
  }

  /** Differentiates a max pooling of 4x4 values, whose gradient is one at each maximum. */
  private static final class SelfTest {

    private static volatile int result;

    static boolean passes(NDManager manager) {
      if (result == 0) {
        result = run(manager) ? 1 : -1;
      }
      return result > 0;
    }

    private static boolean run(NDManager manager) {
      try (NDManager scope = manager.newSubManager(Device.cpu())) {
        float[] expected = new float[16];
        float[] values = new float[16];
        for (int i = 0; i < values.length; i++) {
          values[i] = i * 7 % 16;
        }
        for (int i : new int[] {4, 2, 9, 11}) {
          expected[i] = 1;
        }
        NDArray x = scope.create(values, new Shape(1, 1, 4, 4));
        NDArray leaf = MxAutograd.leaf(scope, x, Mark.WRITTEN, scope.zeros(new Shape(1)));
        PairList<String, String> pooling = new PairList<>();
        pooling.add("kernel", "(2, 2)");
        pooling.add("stride", "(2, 2)");
        pooling.add("pool_type", "max");
        NDList y = MxAutograd.with(true, () -> scope.invoke("Pooling", new NDList(leaf), pooling));
        NDList outputGradient = new NDList(scope.ones(y.head().getShape()));
        NDArray gradient =
            MxAutograd.backward(scope, y, outputGradient, new NDList(leaf), false)
                .singletonOrThrow();
        return Arrays.equals(gradient.toFloatArray(), expected);
      }
    }
  }
}
