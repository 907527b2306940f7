///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-decoder:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-importer-keras:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.SampleResult;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.model.ExplainableModel;

/**
 * An AUCMEDI pipeline in Java, line by line: the same model file, the same preparation, the same
 * map. The second half does it again with the model folder of AUCMEDI AutoML, which knows how
 * images are prepared.
 *
 * <p>In the picture of the cell with a lesion, the rust-coloured patch is hot.
 */
public final class PortAucmediPipeline {

  private PortAucmediPipeline() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   */
  public static void main(String[] args) {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    Path output = Path.of(args.length > 1 ? args[1] : "lessons");
    List<String> samples = List.of("healthy.png", "lesion.png");

    // begin
    try (var model = ExplainableModel.load(files.resolve("aucmedi/model.last.keras"))) {
      DataGenerator test =
          DataGenerator.builder()
              .addSamples(files.resolve("images"), samples)
              .optResize(64, 64)
              .optStandardize(Standardize.Z_SCORE)
              .build();
      XAIDecoder.builder()
          .setModel(model)
          .setGenerator(test)
          .optMethod("gradcam")
          .optAlpha(0.4f)
          .optOutput(output, OutputFormat.PNG)
          .build()
          .decode();
    }
    // end

    try (AucmediModel model = AucmediModel.load(files.resolve("aucmedi"))) {
      DataGenerator test = model.generator().addSamples(files.resolve("images"), samples).build();
      List<SampleResult.Explained> explained =
          XAIDecoder.builder()
              .setModel(model.explainable())
              .setGenerator(test)
              .optMethod("gradcam")
              .optResizeMaps(false)
              .build()
              .decode()
              .explained();
      for (SampleResult.Explained sample : explained) {
        Heatmap map = sample.maps().get(0);
        System.out.printf(
            Locale.ROOT,
            "%s: %s, probability %.4f, Grad-CAM of %s values%n",
            sample.sample(),
            model.classNames().get(map.classIndex()),
            map.score(),
            Arrays.toString(map.shape()));
      }
    }
    System.out.println("overlays in " + output);
  }
}
