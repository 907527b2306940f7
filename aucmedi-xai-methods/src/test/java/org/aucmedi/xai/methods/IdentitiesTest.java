package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.segmentation.Boxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.aucmedi.xai.testkit.ClosedFormNet.Weights;
import org.aucmedi.xai.testkit.LinearModel;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold between methods, and between images, whatever the numbers are. */
final class IdentitiesTest {

  /** Pictures of 4 x 5 pixels or volumes of 3 x 2 x 4 voxels, two channels. */
  private enum Kind {
    PICTURE_FIRST(ChannelLayout.CHANNELS_FIRST),
    PICTURE_LAST(ChannelLayout.CHANNELS_LAST),
    VOLUME_FIRST(ChannelLayout.CHANNELS_FIRST),
    VOLUME_LAST(ChannelLayout.CHANNELS_LAST);

    final ChannelLayout layout;

    Kind(ChannelLayout layout) {
      this.layout = layout;
    }

    Shape shape() {
      return switch (this) {
        case PICTURE_FIRST -> new Shape(1, 2, 4, 5);
        case PICTURE_LAST -> new Shape(1, 4, 5, 2);
        case VOLUME_FIRST -> new Shape(1, 2, 3, 2, 4);
        case VOLUME_LAST -> new Shape(1, 3, 2, 4, 2);
      };
    }

    BatchAxes axes() {
      return new BatchAxes(shape(), layout);
    }

    float[] image() {
      return random((int) shape().size(), 3);
    }

    NDArray batch(NDManager manager, float[] image) {
      return manager.create(FloatBuffer.wrap(image), shape());
    }

    LinearModel linear() {
      int size = (int) shape().size();
      return new LinearModel(new float[][] {random(size, 8), random(size, 9)}, layout, "heap");
    }

    ClosedFormNet net() {
      return new ClosedFormNet(layout, Weights.random(2, 21));
    }

    /** The same layers without the softmax, and maybe without the rectifier. */
    ClosedFormNet logits(boolean rectified) {
      return new ClosedFormNet(layout, Weights.random(2, 21), rectified, false);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void linearModel_saliency_isTheWeights(Kind kind) {
    float[] weights = random((int) kind.shape().size(), 9);
    float[] expected = new float[kind.axes().positions()];
    for (int i = 0; i < expected.length; i++) {
      float first = Math.abs(weights[kind.axes().index(0, 0, i)]);
      expected[i] = Math.max(first, Math.abs(weights[kind.axes().index(0, 1, i)]));
    }
    try (LinearModel model = kind.linear();
        NDManager manager = model.newManager()) {
      assertThat(raw("sm channels=abs-max", model, kind.batch(manager, kind.image()), 1))
          .containsExactly(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void linearModel_integratedGradients_areTheGradientTimesTheWay(Kind kind) {
    float[] weights = random((int) kind.shape().size(), 8);
    float[] image = kind.image();
    for (float baseline : new float[] {0, 0.75f}) {
      float[] expected = new float[kind.axes().positions()];
      for (int i = 0; i < expected.length; i++) {
        for (int c = 0; c < 2; c++) {
          int at = kind.axes().index(0, c, i);
          expected[i] += weights[at] * (image[at] - baseline);
        }
      }
      try (LinearModel model = kind.linear();
          NDManager manager = model.newManager()) {
        for (int steps : new int[] {1, 7, 50}) {
          String method = "ig channels=sum steps=" + steps + " baseline=" + baseline;
          NDArray batch = kind.batch(manager, image);
          Maps.assertClose(method, raw(method, model, batch, 0), expected, 1e-5);
          Heatmap map = Explained.only(create(method, model).explain(batch, Target.ofClass(0)));
          assertThat(map.diagnostics().get(IntegratedGradients.DELTA)).isCloseTo(0, within(1e-5));
        }
      }
    }
  }

  /** One superpixel for each position: what is hidden one by one, or in any order. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void linearModel_shapleyValues_areTheGradientTimesTheWay(Kind kind) {
    float[] weights = random((int) kind.shape().size(), 8);
    float[] image = kind.image();
    String boxes = " segmentation=grid boxes=" + (kind.shape().dimension() == 4 ? "4x5" : "3x2x4");
    for (float fill : new float[] {0, 0.75f}) {
      float[] expected = new float[kind.axes().positions()];
      for (int i = 0; i < expected.length; i++) {
        for (int c = 0; c < 2; c++) {
          int at = kind.axes().index(0, c, i);
          expected[i] += weights[at] * (image[at] - fill);
        }
      }
      try (LinearModel model = kind.linear();
          NDManager manager = model.newManager()) {
        NDArray batch = kind.batch(manager, image);
        for (String key : new String[] {"kernelshap", "shapleysampling", "featureablation"}) {
          String method = key + boxes + " fill=" + fill;
          Maps.assertClose(method, raw(method, model, batch, 0), expected, 1e-5);
        }
        if (fill == 0) {
          String method = "gradientxinput channels=sum";
          Maps.assertClose(method, raw(method, model, batch, 0), expected, 1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void linearModel_smoothGrad_isSaliency(Kind kind) {
    try (LinearModel model = kind.linear();
        NDManager manager = model.newManager()) {
      NDArray batch = kind.batch(manager, kind.image());
      float[] expected = raw("sm channels=abs-max", model, batch, 1);
      String method = "smoothgrad samples=5 channels=abs-max";
      Maps.assertClose(method, raw(method, model, batch, 1), expected, 1e-6);
      assertThat(raw("vargrad samples=5", model, batch, 1)).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anyModel_shapleyValues_addUpToTheGain(Kind kind) {
    String boxes = kind.shape().dimension() == 4 ? "2x3" : "3x1x2";
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] ends = model.predict(image).toFloatArray();
      float[] starts =
          model.predict(kind.batch(manager, new float[(int) kind.shape().size()])).toFloatArray();
      int[] labels = Boxes.parse(boxes).segment(kind.image(), kind.axes()).labels();
      for (String key : new String[] {"kernelshap", "shapleysampling samples=30"}) {
        for (int c = 0; c < 3; c++) {
          String method = key + " fill=0 segmentation=grid boxes=" + boxes;
          float[] map = raw(method, model, image, c);
          Map<Integer, Float> values = new HashMap<>();
          for (int i = 0; i < map.length; i++) {
            values.put(labels[i], map[i]);
          }
          assertThat(values).hasSize(6);
          double sum = values.values().stream().mapToDouble(Float::doubleValue).sum();
          assertThat(sum).as(method).isCloseTo(ends[c] - starts[c], within(1e-6));
        }
      }
    }
  }

  /** Without biases a network of ReLUs is linear along the way from zero. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void networkWithoutBiases_gradientXInput_isIntegratedGradients(Kind kind) {
    Weights all = Weights.random(2, 21);
    Weights weights = new Weights(all.own(), all.near(), new float[4], all.head(), new float[3]);
    try (ClosedFormNet model = new ClosedFormNet(kind.layout, weights, true, false);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] outputs = model.predict(image).toFloatArray();
      for (int c = 0; c < 3; c++) {
        float[] map = raw("gradientxinput channels=sum", model, image, c);
        float[] integral = raw("ig channels=sum steps=1000", model, image, c);
        // The trapezoid counts the baseline, where no ReLU has a slope, half of one step.
        Maps.assertClose("ig", map, integral, 1e-3 * Maps.maxAbs(map));
        double sum = 0;
        for (float share : map) {
          sum += share;
        }
        assertThat(sum).isCloseTo(outputs[c], within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anyModel_integratedGradients_addUpToTheGain(Kind kind) {
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      double previous = Double.POSITIVE_INFINITY;
      float[] ends = model.predict(image).toFloatArray();
      float[] starts =
          model.predict(kind.batch(manager, new float[(int) kind.shape().size()])).toFloatArray();
      for (int steps : new int[] {10, 100, 1000}) {
        double worst = 0;
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          for (float share : raw("ig channels=sum steps=" + steps, model, image, c)) {
            sum += share;
          }
          worst = Math.max(worst, Math.abs(sum - (ends[c] - starts[c])));
        }
        assertThat(worst).as("missing at %s steps", steps).isLessThan(previous);
        previous = worst;
      }
      assertThat(previous).isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void pooledLayerAndDenseHead_gradCamOfALogit_isTheClassActivationMap(Kind kind) {
    Weights weights = Weights.random(2, 21);
    try (ClosedFormNet model = kind.logits(true);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] activations = model.layerActivations(image, "relu").toFloatArray();
      int positions = kind.axes().positions();
      for (int c = 0; c < 3; c++) {
        float[] expected = new float[positions];
        float[] positive = new float[positions];
        for (int i = 0; i < positions; i++) {
          for (int k = 0; k < 4; k++) {
            boolean first = kind.layout == ChannelLayout.CHANNELS_FIRST;
            float activation = activations[first ? k * positions + i : i * 4 + k];
            expected[i] += weights.head()[c][k] * activation / positions;
            positive[i] += Math.max(0, weights.head()[c][k]) * activation / positions;
          }
        }
        Maps.assertClose("Grad-CAM", raw("gc", model, image, c), expected, 1e-6);
        Maps.assertClose("Grad-CAM++", raw("gc++", model, image, c), positive, 1e-6);
        Maps.assertClose(
            "with ReLU", raw("gc relu=true", model, image, c), positiveOf(expected), 1e-6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void pooledLayerAndAnyHead_hiResCamIsGradCamAndLayerCamIsGradCamPlusPlus(Kind kind) {
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      for (String options : new String[] {"", " relu=true", " score=logit"}) {
        for (int c = 0; c < 3; c++) {
          float[] average = raw("gc" + options, model, image, c);
          float[] positive = raw("gc++" + options, model, image, c);
          double tolerance = 1e-5 * (Maps.maxAbs(average) + Maps.maxAbs(positive));
          Maps.assertClose(
              "HiRes-CAM", raw("hirescam" + options, model, image, c), average, tolerance);
          Maps.assertClose(
              "Layer-CAM", raw("layercam" + options, model, image, c), positive, tolerance);
        }
      }
    }
  }

  /** Of many networks, one of them with a channel that is never active. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void pooledLayerAndAnyHead_randomNetworks_gradCamIsHiResCamAndXGradCam(Kind kind) {
    for (int seed = 0; seed < 20; seed++) {
      Weights weights = Weights.random(2, seed);
      if (seed == 0) {
        weights.bias()[1] = -100;
      }
      try (ClosedFormNet model = new ClosedFormNet(kind.layout, weights);
          NDManager manager = model.newManager()) {
        NDArray image = kind.batch(manager, random((int) kind.shape().size(), seed));
        for (int c = 0; c < 3; c++) {
          float[] average = raw("gc", model, image, c);
          float[] positive = raw("layercam", model, image, c);
          double tolerance = 1e-5 * (Maps.maxAbs(average) + Maps.maxAbs(positive));
          String what = "seed " + seed + ", class " + c;
          Maps.assertClose(what, raw("hirescam", model, image, c), average, tolerance);
          Maps.assertClose(what, raw("xgradcam", model, image, c), average, tolerance);
          Maps.assertClose(what, raw("gradcamelementwise", model, image, c), positive, tolerance);
        }
      }
    }
  }

  /** Before the rectifier, where gradients vary over the layer. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void anyLayer_xGradCam_addsUpToWhatHiResCamDoes(Kind kind) {
    for (int seed = 0; seed < 20; seed++) {
      try (ClosedFormNet model = new ClosedFormNet(kind.layout, Weights.random(2, seed));
          NDManager manager = model.newManager()) {
        NDArray image = kind.batch(manager, random((int) kind.shape().size(), seed));
        String layer = " layer-choice=last-convolution";
        for (int c = 0; c < 3; c++) {
          float[] map = raw("xgradcam" + layer, model, image, c);
          float[] expected = raw("hirescam" + layer, model, image, c);
          assertThat(sum(map)).isCloseTo(sum(expected), within(1e-5 * Maps.maxAbs(map)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void pooledLayerAndLogits_ablationCam_weighsByWhatAChannelAddsToTheLogit(Kind kind) {
    for (int seed = 0; seed < 20; seed++) {
      Weights weights = Weights.random(2, seed);
      weights.bias()[1] = seed == 0 ? -100 : weights.bias()[1]; // a channel that is never active
      try (ClosedFormNet model = new ClosedFormNet(kind.layout, weights, true, false);
          NDManager manager = model.newManager()) {
        NDArray image = kind.batch(manager, random((int) kind.shape().size(), seed));
        float[] activations = model.layerActivations(image, "relu").toFloatArray();
        int positions = kind.axes().positions();
        boolean first = kind.layout == ChannelLayout.CHANNELS_FIRST;
        for (int c = 0; c < 3; c++) {
          double logit = model.outputs(image)[0][c];
          float[] expected = new float[positions];
          for (int k = 0; k < 4; k++) {
            double mean = 0;
            for (int i = 0; i < positions; i++) {
              mean += activations[first ? k * positions + i : i * 4 + k] / (double) positions;
            }
            for (int i = 0; i < positions; i++) {
              expected[i] +=
                  (float)
                      (weights.head()[c][k]
                          * mean
                          / Math.abs(logit)
                          * activations[first ? k * positions + i : i * 4 + k]);
            }
          }
          Maps.assertClose(
              "seed " + seed + ", class " + c,
              raw("ablationcam", model, image, c),
              expected,
              2e-5 * Maps.maxAbs(expected) + 1e-6);
        }
      }
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void eigenMaps_addUpToNothingAndRiseWithTheirSums(Kind kind) {
    for (int seed = 0; seed < 20; seed++) {
      try (ClosedFormNet model = new ClosedFormNet(kind.layout, Weights.random(2, seed));
          NDManager manager = model.newManager()) {
        NDArray image = kind.batch(manager, random((int) kind.shape().size(), seed));
        float[] activations = model.layerActivations(image, "relu").toFloatArray();
        int positions = kind.axes().positions();
        boolean first = kind.layout == ChannelLayout.CHANNELS_FIRST;
        float[] sums = new float[positions];
        for (int i = 0; i < activations.length; i++) {
          sums[first ? i % positions : i / 4] += activations[i];
        }
        for (int c = 0; c < 3; c++) {
          assertRises(raw("eigencam", model, image, c), sums);
          assertRises(raw("eigengradcam", model, image, c), raw("hirescam", model, image, c));
        }
      }
    }
  }

  private static void assertRises(float[] map, float[] with) {
    double covariance = 0;
    for (int i = 0; i < map.length; i++) {
      covariance += (double) map[i] * with[i];
    }
    assertThat(sum(map)).isCloseTo(0, within(1e-5 * map.length * Maps.maxAbs(map)));
    assertThat(covariance).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void layerBeforeTheRectifier_elementwiseMaps_areSumsOverItsActivePlaces(Kind kind) {
    Weights weights = Weights.random(2, 21);
    try (ClosedFormNet model = kind.logits(true);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] activations = model.layerActivations(image, "conv").toFloatArray();
      int positions = kind.axes().positions();
      for (int c = 0; c < 3; c++) {
        float[] highResolution = new float[positions];
        float[] positive = new float[positions];
        for (int i = 0; i < positions; i++) {
          for (int k = 0; k < 4; k++) {
            boolean first = kind.layout == ChannelLayout.CHANNELS_FIRST;
            float active = Math.max(0, activations[first ? k * positions + i : i * 4 + k]);
            highResolution[i] += weights.head()[c][k] * active / positions;
            positive[i] += Math.max(0, weights.head()[c][k]) * active / positions;
          }
        }
        String layer = " layer-choice=last-convolution";
        Maps.assertClose(
            "HiRes-CAM", raw("hirescam" + layer, model, image, c), highResolution, 1e-6);
        Maps.assertClose("Layer-CAM", raw("layercam" + layer, model, image, c), positive, 1e-6);
        assertThat(Maps.maxDifference(raw("gc" + layer, model, image, c), highResolution))
            .as("Grad-CAM averages the gradients of active positions and others")
            .isGreaterThan(1e-3);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "gc++",
        "gc relu=true",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "eigencam",
        "eigengradcam",
        "ablationcam",
        "scorecam",
        "ggc"
      })
  void channelsOfTheLayer_inAnotherOrder_giveTheSameMaps(String method) {
    Kind kind = Kind.PICTURE_FIRST;
    Weights weights = Weights.random(2, 21);
    int[] order = {2, 0, 3, 1};
    float[][] head = new float[3][4];
    for (int c = 0; c < 3; c++) {
      for (int k = 0; k < 4; k++) {
        head[c][k] = weights.head()[c][order[k]];
      }
    }
    float[][] bias = {weights.bias()};
    Weights turned =
        new Weights(
            rows(weights.own(), order),
            rows(weights.near(), order),
            new float[] {bias[0][2], bias[0][0], bias[0][3], bias[0][1]},
            head,
            weights.headBias());
    try (ClosedFormNet model = kind.net();
        ClosedFormNet other = new ClosedFormNet(kind.layout, turned);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      Maps.assertClose(method, raw(method, other, image, 1), raw(method, model, image, 1), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sm",
        "gb",
        "ig",
        "blurig sigma=1",
        "guidedig",
        "gc",
        "gc++",
        "layercam",
        "hirescam",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++ noise=0",
        "eigencam",
        "ablationcam",
        "scorecam",
        "eigengradcam",
        "ggc",
        "gradientxinput",
        "featureablation segmentation=grid boxes=4x5",
        "kernelshap segmentation=grid boxes=1x5",
        "os patch=1",
        "os patch=1 value=drop"
      })
  void flippedImage_anyMethod_givesTheFlippedMap(String method) {
    Kind kind = Kind.PICTURE_LAST;
    float[] image = kind.image();
    float[] flipped = new float[image.length];
    for (int i = 0; i < 20; i++) {
      for (int c = 0; c < 2; c++) {
        flipped[2 * flip(i) + c] = image[2 * i + c];
      }
    }
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      float[] map = raw(method, model, kind.batch(manager, image), 2);
      float[] other = raw(method, model, kind.batch(manager, flipped), 2);
      float[] back = new float[20];
      for (int i = 0; i < 20; i++) {
        back[i] = other[flip(i)];
      }
      Maps.assertClose(method, back, map, 1e-6);
      assertThat(Maps.maxDifference(other, map)).isPositive();
    }
  }

  /** Also of a method that is not the same for both sides, and so is the map of a network. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void flippedImage_smoothedByFlips_givesTheFlippedMapWhateverTheMethod(Kind kind) {
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      float[] image = kind.image();
      BatchAxes axes = kind.axes();
      int[] sizes = axes.spatialSizes();
      for (String method : new String[] {"gc", "smoothgradcam++ samples=3"}) {
        float[] map = raw(method + " smooth=flips", model, kind.batch(manager, image), 2);
        int stride = 1;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
          float[] flipped = new float[image.length];
          float[] back = new float[map.length];
          for (int i = 0; i < axes.positions(); i++) {
            for (int c = 0; c < axes.channels(); c++) {
              flipped[axes.index(0, c, i)] = image[axes.index(0, c, flip(i, stride, sizes[axis]))];
            }
          }
          float[] other = raw(method + " smooth=flips", model, kind.batch(manager, flipped), 2);
          for (int i = 0; i < back.length; i++) {
            back[i] = other[flip(i, stride, sizes[axis])];
          }
          Maps.assertClose(method + ", axis " + axis, back, map, 1e-6);
          assertThat(Maps.maxDifference(other, map)).isGreaterThan(1e-4);
          stride *= sizes[axis];
        }
        float[] plain = raw(method, model, kind.batch(manager, image), 2);
        if (method.equals("gc")) { // which is the same for both sides of this network already
          Maps.assertClose(method, map, plain, 1e-6);
        } else {
          assertThat(Maps.maxDifference(map, plain)).isGreaterThan(1e-4);
        }
      }
    }
  }

  /** The position on the other side of an axis. */
  private static int flip(int position, int stride, int size) {
    int along = position / stride % size;
    return position + (size - 1 - 2 * along) * stride;
  }

  /** The mean of the two maps, one of them turned back. */
  @Test
  void smoothedFromLeftToRight_isTheMeanOfTwoMaps() {
    Kind kind = Kind.PICTURE_LAST;
    float[] image = kind.image();
    float[] flipped = new float[image.length];
    for (int i = 0; i < 20; i++) {
      for (int c = 0; c < 2; c++) {
        flipped[2 * flip(i) + c] = image[2 * i + c];
      }
    }
    String method = "smoothgradcam++ samples=3";
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      float[] map = raw(method, model, kind.batch(manager, image), 2);
      float[] other = raw(method, model, kind.batch(manager, flipped), 2);
      float[] mean = new float[20];
      for (int i = 0; i < 20; i++) {
        mean[i] = (map[i] + other[flip(i)]) / 2;
      }
      Maps.assertClose(
          method,
          raw(method + " smooth=left-right", model, kind.batch(manager, image), 2),
          mean,
          1e-7);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernelshap segmentation=grid boxes=4x5 samples=100",
        "shapleysampling segmentation=grid boxes=4x5 samples=100",
        "rise samples=40 cells=2",
        "smoothgrad samples=40",
        "smoothgradsquared samples=40",
        "vargrad samples=40",
        "gradientshap samples=40",
        "lp segmentation=grid boxes=4x5 samples=100"
      })
  void sampledMap_dependsOnTheSeedAndNotOnTheBatchSize(String method) {
    Kind kind = Kind.PICTURE_FIRST;
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] map = raw(method, model, image, 1);
      assertThat(raw(method + " seed=0 batch-size=1", model, image, 1)).containsExactly(map);
      assertThat(raw(method + " batch-size=7", model, image, 1)).containsExactly(map);
      float[] other = raw(method + " seed=1", model, image, 1);
      assertThat(Maps.maxDifference(other, map)).isGreaterThan(1e-3 * Maps.maxAbs(map));
      assertThat(Maps.maxDifference(other, map)).isLessThan(2 * Maps.maxAbs(map));
    }
  }

  /** The position on the other side of a row of five. */
  private static int flip(int position) {
    return position / 5 * 5 + 4 - position % 5;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void networkWithoutRectifier_guidedBackpropagation_isSaliency(Kind kind) {
    try (ClosedFormNet model = kind.logits(false);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      for (int c = 0; c < 3; c++) {
        assertThat(raw("gb", model, image, c)).containsExactly(raw("sm", model, image, c));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sm",
        "sm channels=abs-max",
        "gb",
        "ig",
        "blurig sigma=1",
        "guidedig",
        "xrai segments=4",
        "gradientxinput",
        "smoothgrad samples=3",
        "gc",
        "gc relu=true",
        "layercam",
        "hirescam relu=true",
        "xgradcam",
        "gradcamelementwise",
        "cam",
        "smoothgradcam++",
        "eigengradcam",
        "ggc product=raw"
      })
  void largerLogits_anyGradientMethod_scaleTheRawMapAndKeepTheHeatmap(String method) {
    Kind kind = Kind.PICTURE_FIRST;
    Weights weights = Weights.random(2, 21);
    try (ClosedFormNet model = kind.logits(true);
        ClosedFormNet larger =
            new ClosedFormNet(kind.layout, weights.withHeadTimes(4), true, false);
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      float[] expected = raw(method, model, image, 0);
      // Guided Grad-CAM has the factor twice.
      int factor = method.startsWith("ggc") ? 16 : 4;
      for (int i = 0; i < expected.length; i++) {
        expected[i] *= factor;
      }
      Maps.assertClose(method, raw(method, larger, image, 0), expected, 1e-5);
      Maps.assertClose(
          method,
          create(method, larger).computeHeatmap(image, 0, 0).toFloatArray(),
          create(method, model).computeHeatmap(image, 0, 0).toFloatArray(),
          1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gc",
        "sm channels=sum",
        "ig",
        "blurig",
        "guidedig",
        "gradientxinput channels=sum"
      })
  void twoClassesOfASoftmax_mirrorEachOther(String method) {
    Kind kind = Kind.PICTURE_FIRST;
    Weights three = Weights.random(1, 21);
    Weights two =
        new Weights(
            three.own(),
            three.near(),
            three.bias(),
            Arrays.copyOf(three.head(), 2),
            Arrays.copyOf(three.headBias(), 2));
    try (ClosedFormNet model = new ClosedFormNet(kind.layout, two);
        NDManager manager = model.newManager()) {
      NDArray image = manager.create(random(20, 3), new Shape(1, 1, 4, 5));
      float[] first = create(method, model).computeHeatmap(image, 0, 0).toFloatArray();
      float[] second = create(method, model).computeHeatmap(image, 1, 0).toFloatArray();
      for (int i = 0; i < 20; i++) {
        assertThat(first[i] + second[i]).isCloseTo(1, within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void guidedGradCam_isTheProductOfItsParts(Kind kind) {
    try (ClosedFormNet model = kind.net();
        NDManager manager = model.newManager()) {
      NDArray image = kind.batch(manager, kind.image());
      for (float eps : new float[] {0, XAIMethodBase.DEFAULT_EPS, 0.5f}) {
        float[] guided = create("gb", model).computeHeatmap(image, 1, eps).toFloatArray();
        float[] cam = create("gc", model).computeHeatmap(image, 1, eps).toFloatArray();
        float[] product = new float[guided.length];
        for (int i = 0; i < product.length; i++) {
          product[i] = guided[i] * cam[i];
        }
        // The layer has the image's size, so that nothing is interpolated.
        Maps.assertClose(
            "ggc, eps " + eps,
            create("ggc", model).computeHeatmap(image, 1, eps).toFloatArray(),
            Normalization.minMax(product, eps),
            1e-6);
      }
    }
  }

  private static float[] raw(String method, ExplainableModel model, NDArray image, int classIndex) {
    return Explained.only(create(method, model).explainRaw(image, Target.ofClass(classIndex)))
        .values();
  }

  /** Makes a method from its key and options, all of them those of AUCMEDI unless given. */
  private static XAIMethodBase create(String method, ExplainableModel model) {
    String[] words = method.split(" ", -1);
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] option = words[i].split("=", 2);
      options.put(option[0], option[1]);
    }
    XAIMethodProvider<?> provider = new XAIMethodRegistry().get(words[0]);
    return provider.create(
        model,
        null,
        MethodOptions.parse(Profile.AUCMEDI, provider.description().options(), options));
  }

  private static float[] positiveOf(float[] values) {
    float[] positive = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      positive[i] = Math.max(0, values[i]);
    }
    return positive;
  }

  private static float[][] rows(float[][] matrix, int[] order) {
    return Arrays.stream(order).mapToObj(k -> matrix[k]).toArray(float[][]::new);
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }
}
