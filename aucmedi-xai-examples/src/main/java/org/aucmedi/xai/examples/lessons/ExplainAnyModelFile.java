///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-importer-keras:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-importer-onnx:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.InputBatch;
import org.aucmedi.xai.imaging.ImageLoader;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * One network as TorchScript, Keras and ONNX, and as a SavedModel and an MXNet symbol: the code is
 * the same, and so is the map, which is compared with the one that PyTorch computed in Python.
 *
 * <p>The picture of each file shows the same map. One engine runs in a process, so name {@code
 * cells_savedmodel} or {@code cells-symbol.json} in a run of its own.
 */
public final class ExplainAnyModelFile {

  private ExplainAnyModelFile() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, the folder for pictures, and names of model
   *     files; by default those that run on PyTorch
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] args) throws IOException {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());
    List<String> names =
        args.length > 2
            ? Arrays.asList(args).subList(2, args.length)
            : List.of("cells.pt", "cells.keras", "cells.onnx");

    ImageArray image = ImageLoader.load(files.resolve("images/lesion.png"), false);
    ImageArray prepared = Standardize.TF.apply(image);
    float[] expected = Npy.read(files.resolve("cells.gradcam.npy")).data();
    for (String name : names) {
      try (ExplainableModel model = ExplainableModel.load(files.resolve(name));
          NDManager manager = model.newManager()) {
        GradCam method = GradCam.builder().optProfile(Profile.PAPER).build(model);
        NDArray batch = InputBatch.of(manager, model.channelLayout(), List.of(prepared));
        Heatmap map = method.explain(batch, Target.argmax()).get(0).get(0);
        System.out.printf(
            Locale.ROOT,
            "%s on %s: class %d, %.5f, largest difference to Python's map %.1e%n",
            name,
            model.engineName(),
            map.classIndex(),
            map.score(),
            largestDifference(map.values(), expected));
        output.writePicture(name + ".png", map.overlayOn(image, Colormap.JET, 0.4f));
      }
    }
  }

  private static double largestDifference(float[] map, float[] expected) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(map[i] - expected[i]));
    }
    return largest;
  }
}
