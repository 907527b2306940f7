package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.CountingModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that sample say how much of a map is noise, and stop when it is little enough. */
final class ReliabilityTest {

  private static final int SEEDS = 12;
  private static final String GRID = " segmentation=grid boxes=4x4";

  private CountingModel model = net(3);
  private final NDManager manager = model.newManager();

  /** The larger the weights of the head, the less the score is a sum over superpixels. */
  private static CountingModel net(float head) {
    return new CountingModel(
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, Weights.random(2, 21).withHeadTimes(head)));
  }

  @AfterEach
  void close() {
    manager.close();
    model.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smoothgrad samples=40 noise=0.3",
        "smoothgrad samples=40 noise=0.3 channels=sum",
        "smoothgrad samples=20 noise=0.3 of=gradientxinput",
        "smoothgradsquared samples=30 noise=0.3",
        "vargrad samples=40 noise=0.3",
        "gradientshap samples=2 baselines=blur",
        "rise samples=60 cells=3",
      })
  void reliability_isTheCorrelationWithAMapOfAnotherSeed(String method) {
    checkReliability(method);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limepro samples=80 ridge=0.001",
        "kernelshap samples=240",
        "shapleysampling samples=150"
      })
  void reliabilityOfSuperpixels_isTheCorrelationWithAMapOfAnotherSeed(String method) {
    model = net(60);
    checkReliability(method + GRID);
  }

  private void checkReliability(String method) {
    List<Heatmap> maps = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      maps.add(raw(method + " seed=" + seed));
    }
    double correlation = 0;
    double reliability = 0;
    for (int a = 0; a < SEEDS; a++) {
      reliability += reliability(maps.get(a)) / SEEDS;
      for (int b = 0; b < a; b++) {
        double own = correlation(maps.get(a).values(), maps.get(b).values());
        correlation += own / (SEEDS * (SEEDS - 1) / 2.0);
      }
    }
    assertThat(correlation).as("samples enough to see both").isBetween(0.3, 0.97);
    assertThat(reliability).isCloseTo(correlation, within(0.12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smoothgrad noise=0.6 samples=",
        "vargrad noise=0.3 samples=",
        "gradientshap baselines=mean,blur samples=",
        "rise cells=3 samples=",
        "limepro ridge=0.001" + GRID + " samples=",
      })
  void reliabilityAskedFor_stopsThere(String method) {
    Heatmap all = raw(method + "6400");
    model.take();
    Heatmap stopped = raw(method + "6400 reliability=0.9");
    int images = model.take().images();

    assertThat(reliability(stopped)).isBetween(0.9, 1.0).isLessThan(reliability(all));
    assertThat(images).isLessThan(3300);
    assertThat(correlation(stopped.values(), all.values())).isGreaterThan(0.85);
    for (int batch : new int[] {1, 7, 1000}) {
      assertThat(raw(method + "6400 reliability=0.9 batch-size=" + batch).values())
          .as("batch size %s", batch)
          .containsExactly(stopped.values(), within(1e-6f));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smoothgrad noise=0.6 samples=20",
        "rise cells=3 samples=60",
        "limepro ridge=0.001 samples=60" + GRID,
      })
  void reliabilityThatAllSamplesMiss_isMarked(String method) {
    Heatmap all = raw(method);
    Heatmap missed = raw(method + " reliability=0.999");
    assertThat(missed.status()).isEqualTo(MapStatus.NOT_CONVERGED);
    assertThat(missed.values()).containsExactly(all.values());
  }

  @Test
  void mapOfNoise_isUnstable() {
    // Under a fill close to the image hardly anything but the masks' own mean is seen.
    Heatmap map = raw("rise samples=60 center=false cells=3 fill=mean");
    assertThat(reliability(map)).isLessThan(AttributionMethod.LEAST_RELIABILITY);
    assertThat(map.status()).isEqualTo(MapStatus.UNSTABLE);
    float[] errors = map.standardErrors();
    assertThat(errors).hasSize(map.values().length).doesNotContain(Float.NaN);
    assertThat(map.resizedTo(16, 16).standardErrors()).hasSize(256);
  }

  @Test
  void methodWithoutSamples_hasNoStandardErrors() {
    Heatmap map = raw("saliency");
    assertThat(map.standardErrors()).isNull();
    assertThat(map.diagnostics()).doesNotContainKey(AttributionMethod.RELIABILITY);
  }

  private Heatmap raw(String method) {
    List<String> words = Splitter.on(' ').splitToList(method);
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(words.get(0));
    Map<String, String> options =
        words.size() == 1
            ? Map.of()
            : Splitter.on(' ')
                .withKeyValueSeparator('=')
                .split(method.substring(words.get(0).length() + 1));
    XAIMethodBase made =
        provider.create(
            model,
            null,
            MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), options));
    return Explained.only(made.explainRaw(image(), Target.ofClass(0)));
  }

  private NDArray image() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[2 * 64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble(-1, 1) + (i % 8 > 3 ? 1 : 0));
    }
    return manager.create(FloatBuffer.wrap(values), new Shape(1, 2, 8, 8));
  }

  private static double reliability(Heatmap map) {
    return map.diagnostics().get(AttributionMethod.RELIABILITY);
  }

  private static double correlation(float[] a, float[] b) {
    double meanA = mean(a);
    double meanB = mean(b);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }
}
