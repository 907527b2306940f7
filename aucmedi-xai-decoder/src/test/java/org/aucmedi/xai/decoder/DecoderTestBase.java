package org.aucmedi.xai.decoder;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Objective;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;
import org.junit.jupiter.api.io.TempDir;

/** Images of 2 x 2 pixels in files, models in plain Java, and decoders of them. */
abstract class DecoderTestBase {

  /** Two classes over 2 x 2 pixels of one channel; class 1 wins where the last pixel is large. */
  private static final float[][] WEIGHTS = {{4, 3, 2, 0}, {0, 0, 0, 8}};

  @TempDir protected Path folder;

  /** Computes the raw map, 2 x 2, of an image and what is explained of it. */
  @FunctionalInterface
  interface Rule {
    float[] map(float[] image, Objective objective);
  }

  /** A map that is neither flat nor much work. */
  static final Rule CORNER = (image, objective) -> new float[] {1, 0, 0, 0};

  /** A new model for each decoder, in plain Java. */
  static ExplainableModel model() {
    return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_FIRST, "heap");
  }

  /** A model of so many classes, all of output 0. */
  static ExplainableModel model(int classes) {
    return new LinearModel(new float[classes][4], ChannelLayout.CHANNELS_FIRST, "heap");
  }

  /** A method that makes maps by a rule, after each batch was shown to a watcher. */
  static XAIMethodBase method(ExplainableModel model, Consumer<float[]> batches, Rule rule) {
    return new AttributionMethod(
        MethodDescription.of("Stub", "stub"), model, null, MethodOptions.of(Profile.AUCMEDI)) {
      @Override
      protected List<List<Attribution>> attribute(NDArray batch, Target target, Progress progress) {
        float[] pixels = batch.toFloatArray();
        batches.accept(pixels);
        float[][] outputs = model().outputs(batch);
        List<List<Attribution>> made = new ArrayList<>();
        for (int n = 0; n < outputs.length; n++) {
          float[] image = ofImage(pixels, n, outputs.length);
          float[] own = outputs[n];
          made.add(
              target.objectives(own, n, outputs.length).stream()
                  .map(
                      objective ->
                          Attribution.of(
                              objective, own, BatchAxes.ofMap(2, 2), rule.map(image, objective)))
                  .toList());
        }
        return made;
      }
    };
  }

  /** A method whose every map is {@link #CORNER}. */
  static XAIMethodBase method(Consumer<float[]> batches) {
    return method(model(), batches, CORNER);
  }

  static DataGenerator.Builder generator() {
    return DataGenerator.builder().optStandardize(Standardize.NONE);
  }

  /** A generator of samples named after their pixels. */
  DataGenerator.Builder generator(int... pixels) throws IOException {
    for (int pixel : pixels) {
      save(pixel + ".npy", pixel, pixel, pixel, pixel);
    }
    return generator()
        .addSamples(folder, Arrays.stream(pixels).mapToObj(pixel -> pixel + ".npy").toList());
  }

  /** Images 1 to 5, one of which cannot be loaded. */
  DataGenerator failingFor(int pixel, Error error) throws IOException {
    return generator(1, 2, 3, 4, 5)
        .addSubfunction(
            image -> {
              if (image.at(0, 0, 0) == pixel) {
                throw error;
              }
              return image;
            })
        .build();
  }

  /** A decoder of saliency maps. */
  XAIDecoder.Builder decoder(String... samples) {
    return decoder(generator().addSamples(folder, List.of(samples)).build());
  }

  /** A decoder of saliency maps. */
  static XAIDecoder.Builder decoder(DataGenerator generator) {
    return XAIDecoder.builder().setModel(model()).setGenerator(generator).optMethod("saliency");
  }

  /** A decoder with a method of its own. */
  static XAIDecoder.Builder decoder(DataGenerator generator, XAIMethodBase method) {
    return XAIDecoder.builder().setGenerator(generator).optMethod(method);
  }

  /** Writes down what becomes of samples. */
  static DecoderListener listener(List<String> told) {
    return new DecoderListener() {
      @Override
      public void failed(Failed failure) {
        told.add("failed " + failure.sample());
      }

      @Override
      public void written(String sample, WrittenMap map) {
        told.add("written " + sample + " " + map.label());
      }

      @Override
      public void unexplained(String sample) {
        told.add("unexplained " + sample);
      }
    };
  }

  void save(String name, float... pixels) throws IOException {
    Npy.write(folder.resolve(name), new int[] {2, 2, 1}, pixels);
  }
}
