package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maps of two small networks that were computed outside of this library, to five digits. */
final class AucmediVectorsIT {

  private static final String RELU = "02LambdaBlock";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gc;0;.28571 .28571 .28571 .28571 .28571 0 0 0 .07143 .28571 .57143 .57143 .35714 .78571 1 .64286",
        "gc++;0;0 0 0 0 0 0 0 0 0 .14286 .28571 .42857 .57143 .71429 .85714 1",
        "gc++;1;0 0 0 0 0 .17391 .17391 .17391 .13043 .17391 .17391 .34783 .65217 .56522 .60870 1",
        "sm;0;.33333 .5 .5 .5 .66667 0 .16667 0 0 1 1 .83333 .66667 .83333 .83333 .66667",
        "gb;0;0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1",
        "gb;1;.5 .25 .25 .25 0 1 .75 1 1 .5 .5 .75 1 .75 .75 1",
        "ggc;0;0 0 0 0 0 0 0 0 0 .28571 .57143 .57143 .35714 .78571 1 .64286",
        "ggc;1;.35714 .17857 .17857 .17857 0 1 .75 1 .92857 .35714 .21429 .32143 .64286 .16071 0 .35714",
        "ig;0;0 .11868 .11825 .11644 .33835 .27514 .21286 .23507 .15447 .34299 .53151 .57724 .52778"
            + " .85908 1 .80776",
        "ig steps=2;0;.22140 0 .03250 .14314 .41730 .42019 .32374 .33937 .22748 .41999 .61250 .61374"
            + " .48747 .87125 1 .68245",
        "os patch=3;0;0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 .48789",
        "os patch=3;1;1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 .51211",
        "os patch=2;0;0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        "os patch=2;1;1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
      })
  void heatmaps_aucmedisNetwork_areAucmedis(String method, int classIndex, String expected) {
    float[] image = new float[16];
    for (int i = 0; i < 16; i++) {
      image[i] = i / 8f - 1;
    }
    try (Model net = SmallNets.aucmedi();
        NDManager manager = net.getNDManager().newSubManager()) {
      String[] words = method.split(" ", -1);
      float[] found =
          create(words[0], net, words[0].contains("gc") ? RELU : null, Profile.AUCMEDI, words)
              .computeHeatmap(batch(manager, image), classIndex)
              .toFloatArray();
      Maps.assertClose(method, found, numbers(expected), 1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gc relu=false;01Conv2d;11.25 13.5 20.25 22.5",
        "gc relu=false;02LambdaBlock;0 4 28 32.5",
        "gc++;02LambdaBlock;0 .207792 1.871259 2.730096",
        "layercam;01Conv2d;0 4 31 40",
        "layercam;02LambdaBlock;0 4 31 40",
        "hirescam;01Conv2d;0 4 25 25",
        "hirescam;02LambdaBlock;0 4 25 25",
        "xgradcam relu=false;01Conv2d;-26.357143 -10.414286 37.414286 53.357143",
        "xgradcam;02LambdaBlock;0 4 25 25",
        "gradcamelementwise;01Conv2d;0 4 31 40",
        "gradcamelementwise;02LambdaBlock;0 4 31 40",
        "eigencam relu=false;02LambdaBlock;-19.441900 -15.654906 11.839155 23.257649",
        "eigengradcam relu=false;02LambdaBlock;-19.441900 -15.654906 11.839155 23.257649",
        "gb channels=signed;;0 1 1 1 1 3 3 2 1 3 3 2 1 2 2 1",
        "gb rule=deconvnet;;2 3 3 1 3 5 5 2 3 5 5 2 1 2 2 1",
        "sm;;0 1 1 1 0 1 1 1 0 1 1 1 0 0 0 0",
        "os patch=2 fill=0;;7 7 4 4 7 7 4 4 36 36 47 47 36 36 47 47",
        "os patch=2 stride=1 fill=0;;7 8 6.5 4 15.5 20.75 22.25 18.5 30 39.25 44.25 40 36 45 50.5 47",
        "os patch=3 stride=2 fill=0;;44 44 38.5 33 44 44 38.5 33 49 49 44.5 40 54 54 50.5 47",
        "os patch=4 fill=0;;54 54 54 54 54 54 54 54 54 54 54 54 54 54 54 54"
      })
  void rawMaps_captumsNetwork_areCaptums(String method, String layer, String expected) {
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      String[] words = method.split(" ", -1);
      float[] found =
          create(words[0], net, layer, Profile.PAPER, words)
              .explainRaw(batch(manager, counting()), Target.ofClass(0))
              .get(0)
              .get(0)
              .values();
      Maps.assertClose(method, found, numbers(expected), 1e-4);
    }
  }

  @Test
  void integratedGradients_moreSteps_missLessOfTheGain() {
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      double[] deltas = new double[2];
      for (int i = 0; i < 2; i++) {
        String steps = i == 0 ? "steps=50" : "steps=5000";
        XAIMethodBase method = create("ig", net, null, Profile.AUCMEDI, new String[] {"ig", steps});
        Heatmap found =
            Explained.only(method.explain(batch(manager, counting()), Target.ofClass(0)));
        deltas[i] = found.diagnostics().get(IntegratedGradients.DELTA);
      }
      assertThat(deltas[0]).isCloseTo(0.90, Offset.offset(0.01));
      assertThat(Math.abs(deltas[1])).isLessThan(0.02);
    }
  }

  @Test
  void integratedGradients_gainMissed_isMarked() {
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      for (String steps : List.of("steps=2", "steps=500")) {
        List<List<Heatmap>> found =
            create("ig", net, null, Profile.AUCMEDI, new String[] {"ig", steps})
                .explain(batch(manager, counting()), Target.ofClass(0), 0);
        assertThat(found.get(0).get(0).status())
            .isEqualTo(steps.equals("steps=2") ? MapStatus.NOT_CONVERGED : MapStatus.OK);
      }
    }
  }

  @Test
  void maps_scoreThatDoesNotReact_areZeroAndSaySo() {
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      for (String key :
          List.of(
              "sm",
              "gb",
              "gc",
              "gc++",
              "layercam",
              "hirescam",
              "xgradcam",
              "gradcamelementwise",
              "eigengradcam",
              "ig")) {
        List<List<Heatmap>> found =
            create(key, net, key.contains("c") ? RELU : null, Profile.AUCMEDI, new String[] {key})
                .explain(batch(manager, new float[16]), Target.ofClass(0), 1e-8f);
        assertThat(Explained.values(found)).as(key).containsOnly(0);
        assertThat(found.get(0).get(0).status()).as(key).isEqualTo(MapStatus.ZERO_GRADIENT);
      }
    }
  }

  @Test
  void maps_cutToOneValue_areFlat() {
    // One minus a score of 0 to 47, which is not a probability.
    try (Model net = SmallNets.captum();
        NDManager manager = net.getNDManager().newSubManager()) {
      XAIMethodBase method =
          create("os", net, null, Profile.AUCMEDI, new String[] {"os", "patch=2", "fill=0"});
      NDArray batch = batch(manager, counting());
      List<List<Heatmap>> found = method.explain(batch, Target.ofClass(0), 0);
      assertThat(Explained.values(found)).containsOnly(0);
      assertThat(found.get(0).get(0).status()).isEqualTo(MapStatus.FLAT);
      assertThat(Explained.statuses(method.explainRaw(batch, Target.ofClass(0))))
          .containsExactly(MapStatus.OK);
    }
  }

  @Test
  void maps_imageWithNaN_areZeroAndSaySoAndTheOthersAreKept() {
    float[] both = new float[32];
    System.arraycopy(counting(), 0, both, 0, 16);
    System.arraycopy(counting(), 0, both, 16, 16);
    both[20] = Float.NaN;
    try (Model net = SmallNets.aucmedi();
        NDManager manager = net.getNDManager().newSubManager()) {
      for (String key :
          List.of(
              "sm",
              "gc",
              "gc++",
              "layercam",
              "hirescam",
              "xgradcam",
              "gradcamelementwise",
              "eigencam",
              "eigengradcam",
              "scorecam",
              "ig",
              "ggc")) {
        XAIMethodBase method =
            create(key, net, key.contains("c") ? RELU : null, Profile.AUCMEDI, new String[] {key});
        List<List<Heatmap>> found = method.explain(batch(manager, both), Target.ofClass(1), 1e-8f);
        assertThat(found.get(1).get(0).status()).as(key).isEqualTo(MapStatus.NON_FINITE);
        float[] maps = Explained.values(found);
        int size = maps.length / 2;
        assertThat(Arrays.copyOfRange(maps, size, 2 * size)).as(key).containsOnly(0);
        float[] alone =
            Explained.values(method.explain(batch(manager, counting()), Target.ofClass(1), 1e-8f));
        Maps.assertClose(key, Arrays.copyOf(maps, size), alone, 1e-5);
      }
    }
  }

  @Test
  void logit_ofASoftmax_isDifferentiatedExactly() {
    // The gradient of z_c - mean(z) of two classes is half that of their difference.
    try (Model net = SmallNets.aucmedi();
        NDManager manager = net.getNDManager().newSubManager()) {
      float[] image = new float[16];
      Arrays.fill(image, 20); // so bright that the other class has a probability below 1e-15
      NDArray batch = batch(manager, image);
      float[] logit =
          create("sm", net, null, Profile.AUCMEDI, new String[] {"sm", "score=logit"})
              .explainRaw(batch, Target.ofClass(0))
              .get(0)
              .get(0)
              .values();
      // d(z_0 - z_1)/dx = (2 A0' - 0.5 A1') / 16, where the Laplace filter's weights on a pixel add
      // up to 0 inside and to 2 in a corner.
      assertThat(logit[5]).isCloseTo((2 - 0.5f * 0) / 32, Offset.offset(1e-6f));
      assertThat(logit[0]).isCloseTo((2 - 0.5f * 2) / 32, Offset.offset(1e-6f));
    }
  }

  private static XAIMethodBase create(
      String key, Model net, String layer, Profile profile, String[] words) {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] parts = words[i].split("=", 2);
      options.put(parts[0], parts[1]);
    }
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(key);
    return provider.create(
        SmallNets.explainable(net),
        layer,
        MethodOptions.parse(profile, provider.description().options(), options));
  }

  private static NDArray batch(NDManager manager, float[] images) {
    return manager.create(FloatBuffer.wrap(images), new Shape(images.length / 16, 1, 4, 4));
  }

  private static float[] counting() {
    float[] image = new float[16];
    for (int i = 0; i < 16; i++) {
      image[i] = i;
    }
    return image;
  }

  private static float[] numbers(String text) {
    String[] words = text.split(" ", -1);
    float[] numbers = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Float.parseFloat(words[i]);
    }
    return numbers;
  }
}
