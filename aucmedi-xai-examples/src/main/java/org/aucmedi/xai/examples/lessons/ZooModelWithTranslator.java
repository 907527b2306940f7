///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.aucmedi:aucmedi-xai-imaging:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-methods:0.1.0-SNAPSHOT
//DEPS org.aucmedi:aucmedi-xai-engine-pytorch:0.1.0-SNAPSHOT
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
// or on your machine: linux-aarch64, osx-aarch64, win-x86_64
//JAVA 17+
package org.aucmedi.xai.examples.lessons;

import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.Explainer;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.methods.cam.GradCam;

/**
 * A program on DJL predicts with a {@code Criteria}, a {@code Translator} and a {@code Predictor};
 * an {@code Explainer} takes the same model and the same translator, and gives maps instead of
 * classes.
 *
 * <p>The picture shows the cell with the map over it: red is where the lesion was found.
 */
public final class ZooModelWithTranslator {

  private ZooModelWithTranslator() {}

  /**
   * Runs the lesson.
   *
   * @param args the folder with the lessons' files, and the folder for pictures
   * @throws IOException if a file cannot be read
   * @throws ModelException if DJL cannot load the model
   * @throws TranslateException if DJL cannot predict
   */
  public static void main(String[] args) throws IOException, ModelException, TranslateException {
    Path files = Path.of(args.length > 0 ? args[0] : "aucmedi-xai-examples/lessons");
    OutputFolder output =
        OutputFolder.open(Path.of(args.length > 1 ? args[1] : "lessons"), List.of());

    float[] half = {0.5f, 0.5f, 0.5f};
    ImageClassificationTranslator translator =
        ImageClassificationTranslator.builder()
            .addTransform(new ToTensor()) // 0 to 1, channels first
            .addTransform(new Normalize(half, half)) // -1 to 1
            .optSynset(List.of("healthy", "lesion"))
            .optApplySoftmax(false) // the file ends in a softmax
            .build();
    Criteria<Image, Classifications> criteria =
        Criteria.builder()
            .setTypes(Image.class, Classifications.class)
            .optModelPath(files.resolve("cells.pt"))
            .optEngine("PyTorch")
            .optTranslator(translator)
            .build();
    Image image = ImageFactory.getInstance().fromFile(files.resolve("images/lesion.png"));

    ZooModel<Image, Classifications> model = criteria.loadModel();
    // The explainer closes the model.
    try (Explainer<Image> explainer =
            Explainer.of(model, GradCam.builder().optProfile(Profile.PAPER));
        Predictor<Image, Classifications> predictor = model.newPredictor()) {
      Classifications.Classification best = predictor.predict(image).best();
      System.out.printf(
          Locale.ROOT, "predicted: %s, %.4f%n", best.getClassName(), best.getProbability());
      Heatmap map = explainer.explain(image);
      System.out.printf(Locale.ROOT, "explained: class %d, %.4f%n", map.classIndex(), map.score());
      System.out.println(map.provenance());
      System.out.println(
          output.writePicture("zoo-model.png", map.overlayOn(image, Colormap.JET, 0.4f)));
    }
  }
}
