package org.aucmedi.xai.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.sun.management.OperatingSystemMXBean;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.imaging.ImageWriter;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;

/**
 * Prints what a run costs from PNG files to overlays as PNG files, with Grad-CAM of the predicted
 * class, beside the model's own passes of as many images: wall clock and processor time.
 *
 * <p>Arguments: a model of RGB images as {@code file@3x224x224}. System properties: {@code images}
 * (500), {@code batch} (8), {@code rounds} (2).
 */
public final class Pictures {

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Pictures() {}

  /**
   * Runs.
   *
   * @param args the model
   * @throws IOException if a file cannot be written
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    if (args.length != 1) {
      out.println("name one model, for instance resnet18.pt@3x224x224");
      return;
    }
    int images = Integer.getInteger("images", 500);
    int batch = Integer.getInteger("batch", 8);
    Path folder = Files.createTempDirectory("pictures");
    try (Subject subject = Subject.parse(args[0], batch)) {
      long[] shape = subject.batch().getShape().getShape();
      List<String> names = draw(folder, images, (int) shape[2], (int) shape[3]);
      GradCam method = GradCam.builder().build(subject.model());
      int warmUp = Math.min(images, 12 * batch);
      decode(method, folder, names.subList(0, warmUp), batch);
      passes(warmUp / batch, () -> forward(subject));
      passes(warmUp / batch, () -> explain(method, subject));
      int turns = (images + batch - 1) / batch;
      for (int round = 0; round < Integer.getInteger("rounds", 2); round++) {
        Cost forward = Cost.of(() -> passes(turns, () -> forward(subject)));
        Cost explain = Cost.of(() -> passes(turns, () -> explain(method, subject)));
        Cost decode = Cost.of(() -> decode(method, folder, names, batch));
        out.printf(Locale.ROOT, "%d images of %s, batch of %d%n", images, args[0], batch);
        forward.print(out, "forward passes", forward, explain, images);
        explain.print(out, "forward and backward passes", forward, explain, images);
        decode.print(out, "from PNG to PNG", forward, explain, images);
      }
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static void passes(int turns, Runnable pass) {
    for (int n = 0; n < turns; n++) {
      pass.run();
    }
  }

  private static void forward(Subject subject) {
    try (NDArray output = subject.model().predict(subject.batch())) {
      output.toFloatArray();
    }
  }

  private static void explain(GradCam method, Subject subject) {
    try (NDManager manager = subject.model().newManager()) {
      NDArray batch = subject.batch().duplicate();
      batch.attach(manager);
      method.explain(batch, Target.argmax());
    }
  }

  private static void decode(GradCam method, Path folder, List<String> names, int batch) {
    DataGenerator generator =
        DataGenerator.builder()
            .addSamples(folder, names)
            .optStandardize(Standardize.TORCH)
            .optBatchSize(batch)
            .build();
    XAIDecoder.builder()
        .optMethod(method)
        .setGenerator(generator)
        .optOutput(folder.resolve("maps"), OutputFormat.PNG)
        .build()
        .decode();
  }

  /** Blobs of colour with the grain of a camera, which compress as photographs do. */
  private static List<String> draw(Path folder, int images, int height, int width)
      throws IOException {
    List<String> names = IntStream.range(0, images).mapToObj(n -> n + ".png").toList();
    for (int n = 0; n < images; n++) {
      SplittableRandom random = new SplittableRandom(n);
      BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      double[] waves = random.doubles(6, 0.01, 0.08).toArray();
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int rgb = 0;
          for (int c = 0; c < 3; c++) {
            double value = 128 + 90 * Math.sin(waves[2 * c] * x) * Math.cos(waves[2 * c + 1] * y);
            rgb = rgb << 8 | (int) (value + random.nextDouble(-4, 4));
          }
          picture.setRGB(x, y, rgb);
        }
      }
      ImageWriter.write(picture, folder.resolve(names.get(n)));
    }
    return names;
  }

  /** Seconds by the clock, and of the processors. */
  private record Cost(double wall, double processor) {

    static Cost of(Runnable task) {
      long processor = SYSTEM.getProcessCpuTime();
      long wall = System.nanoTime();
      task.run();
      return new Cost(
          (System.nanoTime() - wall) / 1e9, (SYSTEM.getProcessCpuTime() - processor) / 1e9);
    }

    void print(PrintStream out, String what, Cost forward, Cost passes, int images) {
      out.printf(
          Locale.ROOT,
          "%-28s %6.1f s = %4.2f forward = %4.2f passes; processors %6.1f s, %5.1f ms an image%n",
          what,
          wall,
          wall / forward.wall,
          wall / passes.wall,
          processor,
          1000 * processor / images);
    }
  }
}
