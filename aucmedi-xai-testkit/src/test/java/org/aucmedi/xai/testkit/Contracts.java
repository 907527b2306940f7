package org.aucmedi.xai.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.AttributionMethod;
import org.aucmedi.xai.ChannelReduction;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Normalization;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Score;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.TargetGradient;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.OutputGradient;
import org.jspecify.annotations.Nullable;

/**
 * Methods written as a user might, two of them right and each of the others wrong in one way, and
 * the contract of each. {@link MethodContractTest} runs them.
 */
final class Contracts {

  private Contracts() {}

  /** The sum of the gradient over channels, scaled by its extremes. */
  private static class Gradient extends XAIMethodBase {

    Gradient(ExplainableModel model, @Nullable String layerName) {
      super(model, layerName);
    }

    @Override
    public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
      return gradient(checked(image, eps), classIndex, eps);
    }

    /** The checks that a faulty method does right. */
    static NDArray checked(NDArray image, float eps) {
      checkEps(eps);
      return checkImage(image);
    }

    static float eps(float eps) {
      return checkEps(eps);
    }

    final NDArray gradient(NDArray image, int classIndex, float eps) {
      try (NDManager scope = image.getManager().newSubManager()) {
        NDList gradients = model().inputGradients(image, OutputGradient.ofClasses(classIndex));
        gradients.attach(scope);
        Shape spatial = spatial(image, model());
        float[] map = Normalization.minMax(summed(gradients.head(), model()), eps);
        return image.getManager().create(FloatBuffer.wrap(map), spatial);
      }
    }
  }

  private static Shape spatial(NDArray image, ExplainableModel model) {
    Shape shape = image.getShape();
    return model.channelLayout() == ChannelLayout.CHANNELS_FIRST
        ? shape.slice(2)
        : shape.slice(1, shape.dimension() - 1);
  }

  private static float[] summed(NDArray gradient, ExplainableModel model) {
    float[] values = gradient.toFloatArray();
    int positions = (int) spatial(gradient, model).size();
    int channels = values.length / positions;
    float[] sums = new float[positions];
    for (int i = 0; i < values.length; i++) {
      boolean first = model.channelLayout() == ChannelLayout.CHANNELS_FIRST;
      sums[first ? i % positions : i / channels] += values[i];
    }
    return sums;
  }

  /** Multiplies a map. */
  private static NDArray times(NDArray map, float factor) {
    float[] values = map.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    map.set(FloatBuffer.wrap(values));
    return map;
  }

  static final class OfBase extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new Gradient(model, layerName);
    }
  }

  static final class OfAttribution extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new AttributionMethod(
          MethodDescription.of("Summed gradient", "summed"),
          model,
          layerName,
          MethodOptions.of(Profile.PAPER)) {

        @Override
        protected List<List<Attribution>> attribute(
            NDArray batch, Target target, Progress progress) {
          BatchAxes axes = new BatchAxes(batch.getShape(), model().channelLayout());
          try (NDManager scope = batch.getManager().newSubManager()) {
            TargetGradient scores = gradientOf(target, Score.LOGIT);
            NDList gradients = model().inputGradients(batch, scores);
            gradients.attach(scope);
            return scores.attributions(
                k -> {
                  float[] all = gradients.get(k).toFloatArray();
                  return (n, objective, outputs) ->
                      Attribution.of(
                          objective, outputs, axes.ofOneImage(), ofImage(all, n, axes.images()));
                });
          }
        }

        @Override
        protected ChannelReduction channelReduction() {
          return ChannelReduction.SUM;
        }
      };
    }
  }

  /** What a broken method does instead of {@link Gradient#computeHeatmap}. */
  @FunctionalInterface
  private interface Fault {
    NDArray compute(Gradient method, NDArray image, int classIndex, float eps);
  }

  private static XAIMethodBase faulty(
      ExplainableModel model, @Nullable String layerName, Fault fault) {
    return new Gradient(model, layerName) {
      @Override
      public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
        return fault.compute(this, image, classIndex, eps);
      }
    };
  }

  /** A fault behind checks of the arguments. */
  private static XAIMethodBase faultyInside(
      ExplainableModel model, @Nullable String layerName, Fault fault) {
    Gradient right = new Gradient(model, layerName);
    return faulty(
        model,
        layerName,
        (method, image, c, eps) -> {
          right.computeHeatmap(image, c, eps).close();
          return fault.compute(right, image, c, eps);
        });
  }

  /** Divides by a range of zero. */
  static final class OfNaN extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model, layerName, (m, x, c, eps) -> times(m.computeHeatmap(x, c, eps), Float.NaN));
    }
  }

  /** Leaves the range. */
  static final class OfTwo extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model, layerName, (m, x, c, eps) -> times(m.computeHeatmap(x, c, eps), 2));
    }
  }

  /** Keeps the axes of batch and channels. */
  static final class OfFourAxes extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            try (map) {
              return map.getManager()
                  .create(
                      FloatBuffer.wrap(map.toFloatArray()), new Shape(1, 1).addAll(map.getShape()));
            }
          });
    }
  }

  /** Is not seeded. */
  static final class OfChance extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> times(m.computeHeatmap(x, c, eps), (float) Math.random()));
    }
  }

  /** Forgets an array. */
  static final class OfLeak extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            x.getManager().create(new float[] {1}, new Shape(1));
            return m.computeHeatmap(x, c, eps);
          });
    }
  }

  /** Closes its scope only where all goes well. */
  static final class OfLeakOnFailure extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDManager scope = x.getManager().newSubManager();
            scope.create(new float[] {1}, new Shape(1));
            NDArray map = m.gradient(Gradient.checked(x, eps), c, eps);
            scope.close();
            return map;
          });
    }
  }

  /** Takes a failure for an empty map. */
  static final class OfSilence extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(
          model,
          layerName,
          (m, x, c, eps) -> {
            try {
              return m.gradient(Gradient.checked(x, eps), c, eps);
            } catch (XAIException e) {
              return x.getManager().create(FloatBuffer.allocate(35), new Shape(5, 7));
            }
          });
    }
  }

  /** Changes the image. */
  static final class OfChange extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            times(x, 0.5f);
            return map;
          });
    }
  }

  /** Closes the image. */
  static final class OfClosing extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            x.close();
            return map;
          });
    }
  }

  /** Takes the nearest class. */
  static final class OfAnyClass extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(
          model,
          layerName,
          (m, x, c, eps) -> m.gradient(Gradient.checked(x, eps), Math.floorMod(c, 3), eps));
    }
  }

  /** Does not check the image. */
  static final class OfAnyShape extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(model, layerName, (m, x, c, eps) -> m.gradient(x, c, Gradient.eps(eps)));
    }
  }

  /** Does not check eps. */
  static final class OfAnyEps extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(
          model,
          layerName,
          (m, x, c, eps) ->
              m.gradient(Gradient.checked(x, 0), c, Math.abs(eps) < 1 ? Math.abs(eps) : 0));
    }
  }

  /** Keeps the map of a class for every image. */
  static final class OfMemory extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      ConcurrentHashMap<Integer, float[]> known = new ConcurrentHashMap<>();
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            float[] values = known.merge(0, map.toFloatArray(), (old, now) -> old);
            map.set(FloatBuffer.wrap(values));
            return map;
          });
    }
  }

  /** Says that it uses a layer, and does not. */
  static final class OfAnyLayer extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new Gradient(model, layerName);
    }

    @Override
    protected boolean usesLayer() {
      return true;
    }
  }

  /** Gives an image the map of its neighbour in the batch. */
  static final class OfNextImage extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return new Gradient(model, layerName) {
        @Override
        public List<List<Heatmap>> explain(
            NDArray batch, Target target, float eps, Progress progress) {
          List<List<Heatmap>> maps = new ArrayList<>(super.explain(batch, target, eps, progress));
          Collections.rotate(maps, 1);
          return maps;
        }
      };
    }
  }

  /** Keeps the image in a field while it computes. */
  static final class OfNeighbours extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      float[][] field = new float[1][];
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            field[0] = map.toFloatArray();
            LockSupport.parkNanos(5_000_000);
            map.set(FloatBuffer.wrap(field[0]));
            return map;
          });
    }
  }

  /** Explains what the model once said. */
  static final class OfStaleModel extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      ConcurrentHashMap<String, float[]> known = new ConcurrentHashMap<>();
      Gradient right = new Gradient(model, layerName);
      return faulty(
          model,
          layerName,
          (m, x, c, eps) -> {
            String key = c + Arrays.toString(x.toFloatArray());
            Shape shape = spatial(x, model);
            known.computeIfAbsent(
                key,
                unknown -> {
                  try (NDArray map = right.computeHeatmap(x, c, eps)) {
                    return map.toFloatArray();
                  }
                });
            return x.getManager().create(FloatBuffer.wrap(known.get(key)), shape);
          });
    }
  }

  /** Blows rounding up to a map. */
  static final class OfNoise extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faultyInside(
          model,
          layerName,
          (m, x, c, eps) -> {
            NDArray map = m.computeHeatmap(x, c, eps);
            float[] values = map.toFloatArray();
            values[0] = 1 - values[0];
            map.set(FloatBuffer.wrap(values));
            return map;
          });
    }
  }

  /** Cuts its values to the range, which keeps NaN. */
  static final class OfCut extends MethodContract {
    @Override
    protected XAIMethodBase create(ExplainableModel model, @Nullable String layerName) {
      return faulty(
          model,
          layerName,
          (m, x, c, eps) -> {
            try (NDManager scope = x.getManager().newSubManager()) {
              Gradient.checked(x, eps);
              NDList gradients = model.inputGradients(x, OutputGradient.ofClasses(c));
              gradients.attach(scope);
              float[] values = summed(gradients.head(), model);
              for (int i = 0; i < values.length; i++) {
                values[i] = Math.max(0, Math.min(1, values[i]));
              }
              return x.getManager().create(FloatBuffer.wrap(values), spatial(x, model));
            }
          });
    }
  }
}
