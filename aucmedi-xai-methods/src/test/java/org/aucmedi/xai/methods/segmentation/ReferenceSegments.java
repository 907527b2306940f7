package org.aucmedi.xai.methods.segmentation;

import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.array.BatchAxes;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.testkit.Golden;

/** Pictures and what scikit-image makes of them; {@code tools/lime_reference.py} wrote them. */
final class ReferenceSegments {

  /** A picture in [0, 255], channels last. */
  record Picture(float[] values, BatchAxes axes) {

    float[] scaled(float factor, float offset) {
      float[] scaled = new float[values.length];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = values[i] / factor + offset;
      }
      return scaled;
    }
  }

  private ReferenceSegments() {}

  static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(ReferenceSegments.class.getResource("/lime/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Picture picture(Path file) {
    try {
      BufferedImage picture = ImageIO.read(file.toFile());
      Raster raster = picture.getRaster();
      float[] values =
          raster.getPixels(0, 0, picture.getWidth(), picture.getHeight(), (float[]) null);
      Shape shape = new Shape(1, picture.getHeight(), picture.getWidth(), raster.getNumBands());
      return new Picture(values, new BatchAxes(shape, ChannelLayout.CHANNELS_LAST));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] labels(String setting, String picture) {
    float[] labels = Golden.array(resource("segments.npz"), setting + "/" + picture).data();
    return IntStream.range(0, labels.length).map(i -> (int) labels[i]).toArray();
  }

  /**
   * Returns the share of positions on which two partitions agree when the parts are matched one to
   * one, those first that share most. (The best matching could only agree more.)
   */
  static double agreement(int[] found, int[] expected) {
    int others = Arrays.stream(expected).max().orElseThrow() + 1;
    int[][] shared = new int[Arrays.stream(found).max().orElseThrow() + 1][others];
    for (int i = 0; i < found.length; i++) {
      shared[found[i]][expected[i]]++;
    }
    int[] pairs =
        IntStream.range(0, shared.length * others)
            .boxed()
            .sorted(Comparator.comparing(pair -> -shared[pair / others][pair % others]))
            .mapToInt(Integer::intValue)
            .toArray();
    Set<Integer> matched = new HashSet<>();
    double agreeing = 0;
    for (int pair : pairs) {
      int first = pair / others;
      int second = -1 - pair % others;
      if (!matched.contains(first) && !matched.contains(second)) {
        matched.add(first);
        matched.add(second);
        agreeing += shared[first][pair % others];
      }
    }
    return agreeing / found.length;
  }
}
