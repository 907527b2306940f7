package org.aucmedi.xai.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.LinearInterpolation;
import org.aucmedi.xai.array.LinearInterpolation.BorderMode;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.imaging.ImageLoader;

/** Runs a lesson as its user does, and knows what it must find. */
final class LessonRun {

  /** The folder with the lessons' models and images. */
  static final Path FILES = Path.of("lessons");

  private final String printed;

  private LessonRun(String printed) {
    this.printed = printed;
  }

  /** A lesson's main. */
  @FunctionalInterface
  interface Main {
    void run(String[] args) throws Exception;
  }

  static LessonRun of(Main lesson, Path output, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of(FILES.toString(), output.toString()));
    args.addAll(List.of(more));
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      lesson.run(args.toArray(String[]::new));
    } finally {
      System.setOut(before);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8);
    before.print(printed);
    return new LessonRun(printed);
  }

  /** What the lesson has printed. */
  String printed() {
    return printed;
  }

  /** The number that a pattern's group finds. */
  double number(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(printed);
    assertThat(matcher.find()).as("%s in:%n%s", pattern, printed).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  static ImageArray image(String name) {
    return ImageLoader.load(FILES.resolve("images").resolve(name), false);
  }

  static boolean[] mask(String name) {
    ImageArray mask = ImageLoader.load(FILES.resolve("images").resolve(name + "-mask.png"), true);
    boolean[] region = new boolean[mask.values().length];
    for (int i = 0; i < region.length; i++) {
      region[i] = mask.values()[i] > 127;
    }
    return region;
  }

  /** What Python has computed, written by tools/lesson_models.py. */
  static Npy.Array expected(String name) throws IOException {
    Path file =
        name.equals("cells.gradcam")
            ? FILES.resolve(name + ".npy")
            : Path.of("src/test/resources/org/aucmedi/xai/examples/lessons", name + ".npy");
    return Npy.read(file);
  }

  /** A map of Python's in the size of an image. */
  static float[] expectedMap(String name, ImageArray image) throws IOException {
    Npy.Array map = expected(name);
    return LinearInterpolation.resize(
        map.data(), map.shape(), image.spatialShape(), 1, BorderMode.ofRank(2));
  }

  /**
   * Checks that a part of a picture is the overlay of a map of Python's. A map that differs by
   * rounding may have the next of 256 colours in a few pixels.
   */
  static void assertOverlay(
      BufferedImage picture, int left, int scale, ImageArray image, String map) throws IOException {
    BufferedImage overlay = Overlay.blend(image, expectedMap(map, image), 0.4f);
    int other = 0;
    for (int y = 0; y < overlay.getHeight(); y++) {
      for (int x = 0; x < overlay.getWidth(); x++) {
        int found = picture.getRGB(left + x * scale, y * scale);
        int known = overlay.getRGB(x, y);
        for (int shift = 0; shift < 24; shift += 8) {
          int difference = Math.abs((found >> shift & 255) - (known >> shift & 255));
          assertThat(difference).as("pixel %d, %d", x, y).isLessThanOrEqualTo(5);
          other += difference > 0 ? 1 : 0;
        }
      }
    }
    assertThat(other).as("values of another colour").isLessThan(250);
  }
}
