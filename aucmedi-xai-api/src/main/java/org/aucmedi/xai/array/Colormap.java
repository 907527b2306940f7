package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import com.google.common.primitives.ImmutableDoubleArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Colours for the values of a heatmap, 256 each. */
public enum Colormap {
  /** Blue, cyan, yellow, red: AUCMEDI's default. Its lightness rises and falls. */
  JET(Jet.table()),
  /** Dark violet, green, yellow; lightness rises evenly. */
  VIRIDIS(read("viridis.txt")),
  /** Black, red, pale yellow; lightness rises evenly. */
  INFERNO(read("inferno.txt")),
  /** Blue, grey, yellow; lightness rises evenly, and colour-blind readers see the same. */
  CIVIDIS(read("cividis.txt")),
  /** Black to white. */
  GRAY(gray()),
  /** Blue, grey, red, for signed maps: zero is 0.5, the grey middle. */
  COOLWARM(read("coolwarm.txt"));

  private static final int SIZE = 256;

  /** Red, green and blue of each colour. */
  private final ImmutableDoubleArray table;

  Colormap(DoubleStream table) {
    this.table = ImmutableDoubleArray.copyOf(table);
  }

  /**
   * {@return the intensity of one channel of a colour, from 0 to 255, not rounded}
   *
   * @param index the index of the colour, 0 to 255
   * @param channel 0 red, 1 green, 2 blue
   * @throws IndexOutOfBoundsException if there is no such colour or channel
   */
  public double intensity(int index, int channel) {
    return table.get(
        checkElementIndex(index, SIZE, "colour") * 3 + checkElementIndex(channel, 3, "channel"));
  }

  /**
   * {@return whether the middle colour, that of 0.5, stands for zero, and the two ends for values
   * below and above it}
   */
  public boolean isDiverging() {
    return this == COOLWARM;
  }

  private static DoubleStream gray() {
    return IntStream.range(0, SIZE).flatMap(i -> IntStream.of(i, i, i)).asDoubleStream();
  }

  /** Reads a table that {@code tools/colormaps.py} wrote. */
  private static DoubleStream read(String resource) {
    URL url = Resources.getResource(Colormap.class, resource);
    try {
      return Resources.readLines(url, StandardCharsets.US_ASCII).stream()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Splitter.on(' ').splitToStream(line))
          .mapToDouble(value -> 255 * Double.parseDouble(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Linear between nodes (position, value), as Matplotlib defines jet. */
  private static final class Jet {

    private static final double[][] RED = {{0, 0}, {0.35, 0}, {0.66, 1}, {0.89, 1}, {1, 0.5}};
    private static final double[][] GREEN = {
      {0, 0}, {0.125, 0}, {0.375, 1}, {0.64, 1}, {0.91, 0}, {1, 0}
    };
    private static final double[][] BLUE = {{0, 0.5}, {0.11, 1}, {0.34, 1}, {0.65, 0}, {1, 0}};

    static DoubleStream table() {
      return IntStream.range(0, SIZE)
          .mapToDouble(i -> i / 255.0)
          .flatMap(t -> Stream.of(RED, GREEN, BLUE).mapToDouble(c -> 255 * interpolate(c, t)));
    }

    private static double interpolate(double[][] nodes, double t) {
      int right = 1;
      while (nodes[right][0] < t) {
        right++;
      }
      double[] a = nodes[right - 1];
      double[] b = nodes[right];
      return a[1] + (b[1] - a[1]) * (t - a[0]) / (b[0] - a[0]);
    }
  }
}
