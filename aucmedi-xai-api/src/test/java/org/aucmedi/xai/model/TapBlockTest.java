package org.aucmedi.xai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TapBlockTest {

  private final NDList own = new NDList();
  private final NDList replaced = new NDList();
  private final TapBlock tap = new TapBlock(new LambdaBlock(x -> own));

  @Test
  void forward_ordinaryStore_runsTheBlock() {
    ParameterStore store = new ParameterStore(mock(NDManager.class, x -> device()), false);

    assertThat(tap.forward(store, new NDList(), false)).isSameAs(own);
  }

  @Test
  void forward_listeningStore_isAskedInInferenceOnly() {
    Hooked store = new Hooked();

    assertThat(tap.forward(store, new NDList(), false)).isSameAs(replaced);
    assertThat(store.heard).isSameAs(tap);
    tap.getBlock().initialize(mock(NDManager.class), DataType.FLOAT32);
    assertThat(tap.forward(store, new NDList(), true)).isSameAs(own);
  }

  @Test
  void methods_ofBlock_areAllHandedOn() {
    // A default method that were not overridden would answer for the wrapper, not for the block.
    for (Method method : Block.class.getMethods()) {
      boolean onlyShortensACall =
          method.getName().equals("forward") && method.getParameterCount() == 3;
      boolean isStatic = Modifier.isStatic(method.getModifiers());
      if (!onlyShortensACall && !isStatic) {
        assertThat(
                Arrays.stream(TapBlock.class.getDeclaredMethods())
                    .anyMatch(
                        declared ->
                            declared.getName().equals(method.getName())
                                && Arrays.equals(
                                    declared.getParameterTypes(), method.getParameterTypes())))
            .as(method.toString())
            .isTrue();
      }
    }
  }

  private static Device device() {
    return Device.cpu();
  }

  private final class Hooked extends ParameterStore implements TapBlock.Hook {

    private @Nullable TapBlock heard;

    Hooked() {
      super(mock(NDManager.class, x -> device()), false);
    }

    @Override
    public NDList forward(TapBlock tap, NDList inputs, @Nullable PairList<String, Object> params) {
      heard = tap;
      return replaced;
    }
  }
}
