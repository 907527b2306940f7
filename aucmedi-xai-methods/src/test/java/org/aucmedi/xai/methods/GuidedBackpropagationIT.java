package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class GuidedBackpropagationIT {

  private final Logger logger = (Logger) LoggerFactory.getLogger(GuidedBackpropagation.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void explaining_networkWithRectifiers_saysOnceHowManyWereReplaced() {
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      GuidedBackpropagation method = GuidedBackpropagation.builder().build(net);
      for (int i = 0; i < 3; i++) {
        method.computeHeatmap(manager.ones(new Shape(1, 1, 4, 4)), 0);
      }
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getLevel()).isEqualTo(Level.DEBUG);
      assertThat(log.list.get(0).getFormattedMessage()).contains("replaced 2 ReLUs");
    }
  }

  @Test
  void explaining_networkWithoutRectifiers_isPlainSaliencyAndWarnsOnce() {
    try (Model net = SmallNets.linear();
        NDManager manager = net.getNDManager().newSubManager()) {
      NDArray image = manager.arange(16f).reshape(1, 1, 4, 4);
      GuidedBackpropagation method = GuidedBackpropagation.builder().build(net);
      for (int i = 0; i < 3; i++) {
        assertThat(method.computeHeatmap(image, 1).toFloatArray())
            .containsExactly(
                SaliencyMap.builder().build(net).computeHeatmap(image, 1).toFloatArray());
      }
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
      assertThat(log.list.get(0).getFormattedMessage()).contains("no ReLU or ReLU6");
    }
  }
}
