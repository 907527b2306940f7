package org.aucmedi.xai.methods.cam;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.aucmedi.xai.Attribution;
import org.aucmedi.xai.MethodCost;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.BatchAxes;

/**
 * Which mirror images a class activation map is averaged over. The maps of the mirror images are
 * turned back first, and explain what is explained of the image itself.
 *
 * <p>What a network finds in the image and in its mirror image stays, what it owes to where its
 * strides begin is evened out. With {@link #FLIPS} the map of a mirrored image is the mirrored map,
 * whatever the network.
 */
public enum Smoothing {
  /** None: the map of the image alone. */
  NONE {
    @Override
    int copies(int axes) {
      return 1;
    }
  },
  /** Mirrored along the last spatial axis, which in a picture is from left to right. */
  LEFT_RIGHT {
    @Override
    int copies(int axes) {
      return 2;
    }
  },
  /** Mirrored along each spatial axis and all of them together: 3 mirror images, 7 of a volume. */
  FLIPS {
    @Override
    int copies(int axes) {
      return 1 << axes;
    }
  };

  /** The option that selects them. */
  public static final MethodOption<Smoothing> OPTION =
      MethodOption.ofEnum("smooth", "mirror images that the map is averaged over", Smoothing.class)
          .defaults(NONE);

  /** Returns how many images there are of one, itself included, of so many spatial axes. */
  abstract int copies(int axes);

  /** Counts the passes of all copies. */
  static MethodCost times(MethodCost ofOne) {
    return (options, sizes, maps) -> {
      MethodCost.Passes one = ofOne.of(options, sizes, maps);
      int copies = options.get(OPTION).copies(sizes.length);
      return new MethodCost.Passes(copies * one.forward(), copies * one.backward());
    };
  }

  /**
   * Averages the maps of a batch and its mirror images.
   *
   * @param batch the images
   * @param axes its axes
   * @param target what to explain
   * @param maps makes the maps of a batch, of the rank of an image
   * @return the means, with the outputs of the images themselves
   */
  List<List<Attribution>> mean(
      NDArray batch,
      BatchAxes axes,
      Target target,
      BiFunction<NDArray, Target, List<List<Attribution>>> maps) {
    List<List<List<Attribution>>> all = new ArrayList<>();
    all.add(maps.apply(batch, target));
    int copies = copies(axes.spatialSizes().length);
    if (copies == 1 || all.get(0).stream().allMatch(List::isEmpty)) {
      return all.get(0);
    }
    Target same = ClassActivationMap.sameAs(all.get(0));
    for (int flip = 1; flip < copies; flip++) {
      try (NDManager scope = batch.getManager().newSubManager()) {
        all.add(maps.apply(mirrored(scope, batch, axes, flip), same));
      }
    }
    List<List<Attribution>> means = new ArrayList<>();
    for (int n = 0; n < all.get(0).size(); n++) {
      List<Attribution> own = new ArrayList<>();
      for (int k = 0; k < all.get(0).get(n).size(); k++) {
        List<Attribution> ofCopies = new ArrayList<>();
        for (List<List<Attribution>> copy : all) {
          ofCopies.add(copy.get(n).get(k));
        }
        own.add(mean(ofCopies));
      }
      means.add(own);
    }
    return means;
  }

  /** The mean of the maps of the copies, in their order, with that of their diagnostics. */
  private static Attribution mean(List<Attribution> copies) {
    Attribution first = copies.get(0);
    int[] sizes = first.shape();
    double[] sums = new double[first.values().length];
    Map<String, Double> diagnostics = new TreeMap<>();
    for (int flip = 0; flip < copies.size(); flip++) {
      float[] values = copies.get(flip).values();
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[mirror(i, sizes, flip)];
      }
      copies
          .get(flip)
          .diagnostics()
          .forEach((name, value) -> diagnostics.merge(name, value / copies.size(), Double::sum));
    }
    float[] mean = new float[sums.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sums[i] / copies.size());
    }
    Attribution made =
        Attribution.of(first.objective(), first.outputs(), BatchAxes.ofMap(sizes), mean)
            .withLayer(Objects.requireNonNull(first.layer()));
    for (Map.Entry<String, Double> found : diagnostics.entrySet()) {
      made = made.withDiagnostic(found.getKey(), found.getValue());
    }
    return ClassActivationMap.withStatusOf(copies, made);
  }

  private static NDArray mirrored(NDManager scope, NDArray batch, BatchAxes axes, int flip) {
    float[] values = batch.toFloatArray();
    float[] turned = new float[values.length];
    for (int i = 0; i < axes.positions(); i++) {
      int from = mirror(i, axes.spatialSizes(), flip);
      for (int n = 0; n < axes.images(); n++) {
        for (int k = 0; k < axes.channels(); k++) {
          turned[axes.index(n, k, i)] = values[axes.index(n, k, from)];
        }
      }
    }
    return scope.create(FloatBuffer.wrap(turned), batch.getShape());
  }

  /**
   * Returns where a position is after mirroring.
   *
   * @param position an index into the spatial axes, row-major
   * @param sizes the sizes of the axes
   * @param flip has bit 0 where the last axis is mirrored, bit 1 for the one before, and so on
   */
  private static int mirror(int position, int[] sizes, int flip) {
    int mirrored = 0;
    int rest = position;
    int stride = 1;
    for (int bit = 0; bit < sizes.length; bit++) {
      int size = sizes[sizes.length - 1 - bit];
      int along = rest % size;
      mirrored += stride * ((flip >> bit & 1) == 1 ? size - 1 - along : along);
      rest /= size;
      stride *= size;
    }
    return mirrored;
  }
}
