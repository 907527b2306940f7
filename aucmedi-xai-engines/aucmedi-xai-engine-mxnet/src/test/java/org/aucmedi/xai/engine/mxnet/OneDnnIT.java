package org.aucmedi.xai.engine.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.Services;
import org.aucmedi.xai.testkit.OtherJvm;
import org.aucmedi.xai.testkit.OutputGradients;
import org.aucmedi.xai.testkit.SymbolBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** MXNet with oneDNN, which takes a JVM of its own: the switch is read once. */
final class OneDnnIT {

  @TempDir Path folder;

  @Test
  void gradients_withOneDnnForcedOn_areRefusedAndPredictionsAreNot() throws Exception {
    runInAnotherJvm("refused", Map.of("MXNET_MKLDNN_ENABLED", "1", "MXNET_ONEDNN_ENABLED", "1"));
  }

  @Test
  void oneDnn_untilAModelIsOpened_isLeftAloneAndThenSaidOnce() throws Exception {
    runInAnotherJvm("switched", Map.of());
  }

  private void runInAnotherJvm(String part, Map<String, String> variables) throws Exception {
    OtherJvm.run(
        OneDnnIT.class,
        environment -> environment.putAll(variables),
        part,
        pooling(folder).toString());
  }

  /** What the other JVM runs; a failed assertion is its exit code. */
  public static void main(String[] arguments) {
    Path model = Path.of(arguments[1]);
    if (arguments[0].equals("refused")) {
      refuseGradients(model);
    } else {
      switchOff(model);
    }
  }

  /** The JVM has this module on its classpath, and may want oneDNN for work of its own. */
  private static void switchOff(Path path) {
    Logger logger = (Logger) LoggerFactory.getLogger(OneDnn.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.INFO);
    ExplainableModelProvider provider = new MxNetModelProvider();
    assertThat(Services.load(ExplainableModelProvider.class))
        .hasAtLeastOneElementOfType(MxNetModelProvider.class);
    assertThat(Engine.getAllEngines()).contains("MXNet");
    assertThat(provider.kinds()).hasSize(2);
    assertThat(provider.canLoad(path)).isTrue();
    assertThat(variable("MXNET_MKLDNN_ENABLED")).isNull();
    assertThat(variable("MXNET_ONEDNN_ENABLED")).isNull();
    assertThat(log.list).isEmpty();
    for (int i = 0; i < 2; i++) {
      assertGradient(path);
    }
    assertThat(variable("MXNET_MKLDNN_ENABLED")).isEqualTo("0");
    assertThat(variable("MXNET_ONEDNN_ENABLED")).isEqualTo("0");
    assertThat(log.list)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getLevel()).isEqualTo(Level.INFO);
              assertThat(event.getFormattedMessage())
                  .contains("all uses of MXNet in this JVM", "wrong gradients")
                  .contains("[MXNET_MKLDNN_ENABLED, MXNET_ONEDNN_ENABLED] set to 0");
            });
  }

  /** The process's variable, of which {@code System.getenv} has a copy from the start. */
  private static String variable(String name) {
    return NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
        .getFunction("getenv")
        .invokeString(new Object[] {name}, false);
  }

  private static void refuseGradients(Path path) {
    try (ExplainableModel model = ExplainableModel.load(path, "MXNet");
        NDManager manager = model.newManager()) {
      NDArray batch = batch(manager);
      assertThat(model.predict(batch).toFloatArray()).containsExactly(3);
      assertThat(model.layerActivations(batch, "pool").toFloatArray()).containsExactly(3);
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> model.inputGradients(batch, OutputGradients.sum()))
          .withMessageContaining("MXNET_MKLDNN_ENABLED=0")
          .withMessageContaining("before the JVM starts");
    }
  }

  @Test
  void gradients_withoutOneDnn_areThoseOfTheMaximum() throws Exception {
    assertGradient(pooling(folder));
  }

  private static void assertGradient(Path path) {
    try (ExplainableModel model = ExplainableModel.load(path, "MXNet");
        NDManager manager = model.newManager()) {
      NDArray gradient = model.inputGradients(batch(manager), OutputGradients.sum()).head();
      assertThat(gradient.toFloatArray()).containsExactly(0, 0, 1, 0);
    }
  }

  private static NDArray batch(NDManager manager) {
    return manager.create(new float[] {1, 2, 3, 0}, new Shape(1, 1, 2, 2));
  }

  private static Path pooling(Path folder) throws Exception {
    return new SymbolBuilder()
        .variable("data")
        .op(
            "Pooling",
            "pool",
            Map.of("kernel", "(2, 2)", "stride", "(2, 2)", "pool_type", "max"),
            "data")
        .op("Flatten", "scores", Map.of(), "pool")
        .write(folder, "pooling");
  }
}
