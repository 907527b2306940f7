package org.aucmedi.xai.metrics;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Randomises the weights of a network layer by layer, and restores them. */
final class RandomWeights {

  /** The layers with weights, the last one first. */
  private final List<Block> layers = new ArrayList<>();

  private final Map<Parameter, float[]> learnt = new LinkedHashMap<>();

  /**
   * Saves the weights of a network.
   *
   * @param network the network, initialised
   */
  RandomWeights(Block network) {
    collect(network);
    Collections.reverse(layers);
  }

  private void collect(Block block) {
    boolean weights = false;
    for (Parameter parameter : block.getDirectParameters().values()) {
      // Running statistics are not weights.
      if (parameter.getType() != Parameter.Type.RUNNING_MEAN
          && parameter.getType() != Parameter.Type.RUNNING_VAR) {
        learnt.put(parameter, parameter.getArray().toFloatArray());
        weights = true;
      }
    }
    if (weights) {
      layers.add(block);
    }
    for (Pair<String, Block> child : block.getChildren()) {
      collect(child.getValue());
    }
  }

  /** Returns the number of layers with weights. */
  int layers() {
    return layers.size();
  }

  /**
   * Draws the weights of the last layers from normal distributions with the mean and standard
   * deviation of each of their arrays, and restores all others.
   *
   * @param count the number of layers to randomise
   * @param seed the random seed; a layer's weights do not depend on the count
   */
  void randomise(int count, long seed) {
    restore();
    SplittableRandom random = new SplittableRandom(seed);
    for (Block layer : layers.subList(0, count)) {
      randomise(layer, random);
    }
  }

  private void randomise(Block layer, SplittableRandom random) {
    for (Parameter parameter : layer.getDirectParameters().values()) {
      if (learnt.containsKey(parameter)) {
        float[] drawn = like(learnt.get(parameter), random);
        parameter.getArray().set(FloatBuffer.wrap(drawn));
      }
    }
  }

  /** As {@link #randomise}, for one layer alone. */
  void randomiseOnly(int layer, long seed) {
    restore();
    SplittableRandom random = new SplittableRandom(seed);
    randomise(layers.get(layer), random);
  }

  /** Restores the weights of all layers. */
  void restore() {
    learnt.forEach((parameter, values) -> parameter.getArray().set(FloatBuffer.wrap(values)));
  }

  private static float[] like(float[] values, SplittableRandom random) {
    double mean = 0;
    for (float value : values) {
      mean += value / values.length;
    }
    double variance = 0;
    for (float value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    float[] drawn = new float[values.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) (mean + Math.sqrt(variance) * random.nextGaussian());
    }
    return drawn;
  }
}
