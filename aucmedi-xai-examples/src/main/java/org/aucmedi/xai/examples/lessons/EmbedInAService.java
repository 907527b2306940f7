///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * A service loads a model once and explains for many users at a time: model and methods are
 * thread-safe, passes run one after the other, and each request frees its arrays when its manager
 * closes.
 *
 * <p>The picture is the answer to one of the requests; all have the same map, whoever asked at the
 * same time.
 */
public final class EmbedInAService implements AutoCloseable {

  /** As many requests have arrays in memory at a time; the others wait. */
  private static final int AT_A_TIME = 2;

  private final ExplainableModel model;
  private final IntegratedGradients method;
  private final Semaphore memory = new Semaphore(AT_A_TIME);

  private EmbedInAService(Path file) {
    model = ExplainableModel.load(file);
    method = IntegratedGradients.builder().optProfile(Profile.PAPER).build(model);
  }

  /** Answers a request; a heatmap is in Java's memory, safe to keep and to share. */
  private Heatmap explain(ImageArray image) throws InterruptedException {
    ImageArray prepared = Standardize.TF.apply(image);
    memory.acquire();
    try (NDManager manager = model.newManager()) {
      NDArray batch = InputBatch.of(manager, model.channelLayout(), List.of(prepared));
      return method.explain(batch, Target.argmax()).get(0).get(0);
    } finally {
      memory.release();
    }
  }

  /** Waits for a pass in progress, then frees the model. */
  @Override
  public void close() {
    model.close();
  }

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   * @throws ExecutionException if a request fails
   * @throws InterruptedException if the program is interrupted
   */
  public static void main(String[] args) throws ExecutionException, InterruptedException {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());

    ImageArray image = ImageLoader.load(files.resolve("images/lesion.png"), false);
    ExecutorService users = Executors.newFixedThreadPool(6);
    try (EmbedInAService service = new EmbedInAService(files.resolve("cells.pt"))) {
      List<Future<Heatmap>> requests = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        requests.add(users.submit(() -> service.explain(image)));
      }
      Heatmap first = requests.get(0).get();
      int same = 0;
      for (Future<Heatmap> request : requests) {
        same += Arrays.equals(request.get().values(), first.values()) ? 1 : 0;
      }
      System.out.println(same + " of " + requests.size() + " answers are the same");
      System.out.println(
          output.writePicture("service.png", first.overlayOn(image, Colormap.JET, 0.4f)));
    } finally {
      users.shutdown();
    }
  }
}
