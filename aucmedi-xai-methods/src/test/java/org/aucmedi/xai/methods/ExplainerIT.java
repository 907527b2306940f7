package org.aucmedi.xai.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.BufferedImageFactory;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Explainer;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.GoldenKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A DJL model with its translator, explained as it comes from its criteria. */
final class ExplainerIT {

  @TempDir private Path folder;

  /** Resizes to what the network takes, and scales to [0, 1]. */
  private static final class Scaling implements Translator<Image, Classifications> {

    @Override
    public NDList processInput(TranslatorContext context, Image input) {
      NDArray pixels = input.toNDArray(context.getNDManager());
      return new NDList(new ToTensor().transform(new Resize(56, 40).transform(pixels)));
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList list) {
      return new Classifications(List.of("abcdefghij".split("")), list.head());
    }
  }

  private ZooModel<Image, Classifications> zooModel() throws Exception {
    Path file = GoldenKind.SCRIPTED.file("resmini", folder);
    assumeThat(file).isNotNull();
    return Criteria.builder()
        .setTypes(Image.class, Classifications.class)
        .optModelPath(file)
        .optEngine("PyTorch")
        .optTranslator(new Scaling())
        .build()
        .loadModel();
  }

  private static Image image() {
    BufferedImage picture = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 48; x++) {
        picture.setRGB(x, y, (x * 5) << 16 | (y * 6) << 8 | (x * y) % 256);
      }
    }
    return new BufferedImageFactory().fromImage(picture);
  }

  @Test
  void explain_image_isPreparedByTheTranslatorAsForAPrediction() throws Exception {
    try (ZooModel<Image, Classifications> zoo = zooModel()) {
      Classifications predicted;
      try (var predictor = zoo.newPredictor()) {
        predicted = predictor.predict(image());
      }
      ExplainableModel model = ExplainableModel.of(zoo);
      try (Explainer<Image> explainer = Explainer.of(zoo, GradCam.builder());
          NDManager manager = model.newManager()) {
        NDArray tensor =
            new ToTensor().transform(new Resize(56, 40).transform(image().toNDArray(manager)));
        List<Heatmap> expected =
            GradCam.builder().build(model).explain(tensor.expandDims(0), Target.all()).get(0);

        Heatmap best = explainer.explain(image());
        assertThat("abcdefghij".substring(best.classIndex(), best.classIndex() + 1))
            .isEqualTo(predicted.best().getClassName());
        assertThat(best.values()).containsExactly(expected.get(best.classIndex()).values());
        List<Heatmap> all = explainer.explain(image(), Target.all());
        assertThat(all).hasSameSizeAs(expected);
        for (int c = 0; c < all.size(); c++) {
          assertThat(all.get(c).values()).containsExactly(expected.get(c).values());
        }
      }
    }
  }

  @Test
  void of_optionThatTheMethodHasNot_isRefusedAndTheModelClosed() throws Exception {
    ZooModel<Image, Classifications> zoo = zooModel();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Explainer.of(zoo, SaliencyMap.builder().opt(GradCam.RELU, true)))
        .withMessageContaining("unknown option 'relu'");
    assertThat(zoo.getNDManager().isOpen()).isFalse();
  }

  @Test
  void explain_translatorThatFails_saysSo() throws Exception {
    try (Explainer<Image> explainer =
        Explainer.of((Model) zooModel(), new Failing(), SaliencyMap.builder())) {
      assertThatExceptionOfType(XAIException.class)
          .isThrownBy(() -> explainer.explain(image()))
          .withMessage("the translator cannot prepare the input: no such patient");
    }
  }

  private static final class Failing implements NoBatchifyTranslator<Image, Classifications> {

    @Override
    public NDList processInput(TranslatorContext context, Image input) throws Exception {
      throw new IOException("no such patient");
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList list) {
      throw new AssertionError("explaining predicts nothing");
    }
  }
}
