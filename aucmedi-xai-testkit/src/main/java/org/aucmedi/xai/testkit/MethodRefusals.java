package org.aucmedi.xai.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.MissingCapabilityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link MethodContract} about invalid arguments, unsuitable models and bad images. */
abstract class MethodRefusals extends ContractFixture {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void everyForm_passFails_saysSoAndLeavesNoArrays(int passes) {
    with(
        first(),
        (model, manager) -> {
          NDArray image = batch(manager, first(), 0);
          // The model may cache something in its first pass.
          everyForm(create(model, null), image);
          int before = NativeArrays.aliveBeside(manager);
          FaultyModel faulty = FaultyModel.failingAfter(passes, model);
          assertFailsWith(faulty, method -> method.computeHeatmap(image, 0, EPS).close());
          faulty = FaultyModel.failingAfter(passes, model);
          assertFailsWith(faulty, method -> method.explain(image, Target.all(), EPS));
          assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
        });
  }

  private void assertFailsWith(FaultyModel model, Consumer<XAIMethodBase> call) {
    XAIMethodBase method = create(model, null);
    Throwable thrown = catchThrowable(() -> call.accept(method));
    if (model.hasFailed()) {
      assertThat(thrown).as("a failed pass").isNotNull();
      assertThat(thrown).hasStackTraceContaining(FaultyModel.FAILURE);
    } else {
      assertThat(thrown).isNull();
    }
  }

  @Test
  void everyForm_unknownClass_isRefused() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray image = batch(manager, first(), 0);
          for (int c : new int[] {-1, CLASSES}) {
            String index = String.valueOf(c);
            refused(manager, index, () -> method.computeHeatmap(image, c, EPS));
            refused(manager, index, () -> method.explain(image, Target.ofClasses(0, c), EPS));
            refused(manager, index, () -> method.explainRaw(image, Target.perImage(c)));
          }
        });
  }

  @Test
  void everyForm_noBatchOfImages_isRefused() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          for (Shape shape :
              List.of(new Shape(3, 5), new Shape(1, 3, 5), new Shape(1, 1, 1, 1, 3, 5))) {
            NDArray array =
                manager.create(FloatBuffer.allocate(Math.toIntExact(shape.size())), shape);
            refused(manager, shape.toString(), () -> method.computeHeatmap(array, 0, EPS));
            refused(manager, shape.toString(), () -> method.explain(array, Target.all(), EPS));
          }
          Shape one = first().shape(1);
          NDArray doubles = manager.create(DoubleBuffer.allocate(Math.toIntExact(one.size())), one);
          refused(manager, "float64", () -> method.computeHeatmap(doubles, 0, EPS));
          NDArray two = batch(manager, first(), 0, 1);
          refused(manager, "explain", () -> method.computeHeatmap(two, 0, EPS));
          refused(manager, "2", () -> method.explain(two, Target.perImage(0), EPS));
        });
  }

  @ParameterizedTest
  @ValueSource(floats = {-1e-9f, Float.NaN, Float.POSITIVE_INFINITY})
  void everyForm_badEps_isRefused(float eps) {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          NDArray image = batch(manager, first(), 0);
          refused(manager, "" + eps, () -> method.computeHeatmap(image, 0, eps));
          refused(manager, "" + eps, () -> method.explain(image, Target.all(), eps));
        });
  }

  @Test
  void computeHeatmap_unknownLayer_isRefusedOrIgnored() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, "no such layer");
          assertThat(method.layerName()).isEqualTo("no such layer");
          assertThat(method.model()).isSameAs(model);
          NDArray image = batch(manager, first(), 0);
          if (usesLayer()) {
            int before = NativeArrays.aliveBeside(manager);
            assertThatThrownBy(() -> method.computeHeatmap(image, 0, EPS))
                .satisfiesAnyOf(
                    e -> assertThat(e).isInstanceOf(XAIException.class),
                    e -> assertThat(e).isInstanceOf(IllegalArgumentException.class))
                .hasMessageContaining("no such layer");
            assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
          } else {
            assertSame(
                "the map",
                method.computeHeatmap(image, 0, EPS),
                create(model, null).computeHeatmap(image, 0, EPS),
                repeatTolerance());
          }
        });
  }

  @Test
  void computeHeatmap_blackBox_isAMapOrNamesWhatIsMissing() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(FaultyModel.blackBox(model), null);
          NDArray image = batch(manager, first(), 0);
          Throwable refused =
              catchThrowable(() -> assertUnit(method.computeHeatmap(image, 0, EPS)));
          assertThat(refused)
              .satisfiesAnyOf(
                  thrown -> assertThat(thrown).isNull(),
                  thrown -> assertThat(thrown).isInstanceOf(MissingCapabilityException.class));
        });
  }

  @Test
  void computeHeatmap_closedModel_fails() {
    try (ExplainableModel beside = open(1f);
        NDManager manager = beside.newManager()) {
      ExplainableModel closed = open(1f);
      XAIMethodBase method = create(closed, null);
      NDArray image = batch(manager, first(), 0);
      method.computeHeatmap(image, 0, EPS).close();
      closed.close();
      assertThatThrownBy(() -> method.computeHeatmap(image, 0, EPS))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void explain_modelThatSeesNothing_isFlatAndSaysSo() {
    try (ExplainableModel blind = open(0f);
        NDManager manager = blind.newManager()) {
      XAIMethodBase method = create(blind, null);
      NDArray batch = batch(manager, first(), 0, 1);
      List<List<Heatmap>> explained = method.explain(batch, Target.all(), EPS);
      assertThat(statuses(explained))
          .isSubsetOf(MapStatus.FLAT, MapStatus.ZERO_GRADIENT)
          .isEqualTo(statuses(method.explainRaw(batch, Target.all())));
      assertUnit(explained);
      for (List<Heatmap> image : explained) {
        assertThat(image).hasSize(CLASSES).allMatch(map -> isConstant(map.values()));
      }
      assertUnit(method.computeHeatmap(batch(manager, first(), 0), 0, EPS));
    }
  }

  @Test
  void everyForm_modelOfNaN_saysSoAndIsNeverNaN() {
    try (ExplainableModel broken = open(Float.NaN);
        NDManager manager = broken.newManager()) {
      XAIMethodBase method = create(broken, null);
      NDArray image = batch(manager, first(), 0);
      unlessNotFinite(() -> assertUnit(method.computeHeatmap(image, 0, EPS)));
      unlessNotFinite(
          () -> {
            List<List<Heatmap>> explained = method.explain(image, Target.all(), EPS);
            assertThat(statuses(explained)).hasSize(CLASSES).containsOnly(MapStatus.NON_FINITE);
            explained.get(0).forEach(map -> assertThat(map.values()).containsOnly(0));
          });
      unlessNotFinite(
          () ->
              assertThat(statuses(method.explain(image, Target.argmax(), EPS)))
                  .containsOnly(MapStatus.NON_FINITE));
      unlessNotFinite(
          () ->
              assertThat(statuses(method.explainRaw(image, Target.all())))
                  .containsOnly(MapStatus.NON_FINITE));
    }
  }

  @Test
  void explain_oneImageOfNaN_keepsTheOthers() {
    with(
        first(),
        (model, manager) -> {
          XAIMethodBase method = create(model, null);
          float[] values = batch(manager, first(), 0, 1).toFloatArray();
          Arrays.fill(values, 0, values.length / 2, Float.NaN);
          NDArray batch = manager.create(FloatBuffer.wrap(values), first().shape(2));
          Heatmap alone =
              method.explain(batch(manager, first(), 1), Target.ofClass(1), EPS).get(0).get(0);
          unlessNotFinite(
              () -> {
                List<List<Heatmap>> explained = method.explain(batch, Target.ofClass(1), EPS);
                assertUnit(explained);
                assertThat(statuses(explained))
                    .containsExactly(MapStatus.NON_FINITE, alone.status());
                Maps.assertClose(
                    "the other map",
                    explained.get(1).get(0).values(),
                    alone.values(),
                    batchTolerance());
              });
        });
  }

  /** A method may also refuse inputs that are not finite. */
  private static void unlessNotFinite(Runnable check) {
    try {
      check.run();
    } catch (XAIException e) {
      assertThat(e).hasMessageContaining("not finite");
    }
  }

  private static void refused(NDManager manager, String named, ThrowingCallable call) {
    int before = NativeArrays.aliveBeside(manager);
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(named);
    assertThat(NativeArrays.aliveBeside(manager)).as("open arrays").isEqualTo(before);
  }
}
