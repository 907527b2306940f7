package org.aucmedi.xai.engine.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import ai.djl.Model;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.Test;

final class AbstractModelProviderTest {

  private static final ExplainableModel OPENED =
      new LinearModel(new float[][] {{1}}, ChannelLayout.CHANNELS_FIRST, "heap");

  private final AtomicInteger closed = new AtomicInteger();

  /** Stands for the models of an engine. */
  private interface Own extends Model {}

  private static final class Provider extends AbstractModelProvider {

    Provider() {
      super("heap", Own.class, ModelKind.ofAll("own"));
    }

    @Override
    protected ExplainableModel open(Model model, LoadOptions options) {
      return OPENED;
    }

    @Override
    public boolean canLoad(Path path) {
      return false;
    }

    @Override
    public ExplainableModel load(Path path, LoadOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  private ExplainableModel open(Callable<ExplainableModel> work) {
    return AbstractModelProvider.openOrClose(
        closed::incrementAndGet, work, e -> new XAIException("cannot load: " + e.getMessage(), e));
  }

  @Test
  void create_modelsOfItsEngine_areOpenedIfTheyHaveABlock() {
    Provider provider = new Provider();
    Own model = mock(Own.class);
    when(model.getName()).thenReturn("net");
    assertThat(provider.accepts(model)).isTrue();
    assertThat(provider.accepts(mock(Model.class))).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create(model, LoadOptions.NONE))
        .withMessage("model 'net' has no block; call load first");
    when(model.getBlock()).thenReturn(mock(Block.class));
    assertThat(provider.create(model, LoadOptions.NONE)).isSameAs(OPENED);
  }

  @Test
  void openOrClose_opened_leavesOpen() {
    assertThat(open(() -> OPENED)).isSameAs(OPENED);
    assertThat(closed).hasValue(0);
  }

  @Test
  void openOrClose_exceptionOfOurs_isThrownAsItIs() {
    XAIException failure = new UnsupportedModelException("two outputs");
    assertThatThrownBy(
            () ->
                open(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(closed).hasValue(1);
  }

  @Test
  void openOrClose_anyOtherException_isTold() {
    for (Exception failure :
        new Exception[] {new IOException("cut"), new RuntimeException("cut")}) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(
              () ->
                  open(
                      () -> {
                        throw failure;
                      }))
          .withMessage("cannot load: cut")
          .withCause(failure);
    }
    assertThat(closed).hasValue(2);
  }

  @Test
  void openOrClose_error_closesToo() {
    OutOfMemoryError error = new OutOfMemoryError("heap");
    assertThatThrownBy(
            () ->
                open(
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(closed).hasValue(1);
  }
}
