package org.aucmedi.xai.decoder.automl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.Predictor;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.Clip;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AucmediModelTest {

  private static final String META =
      """
      {"analysis": "minimal", "architecture": "Vanilla", "three_dim": false,
       "shape_3D": [4, 4, 4], "multi_label": false, "class_names": ["A", "B"]}
      """;

  @TempDir private Path folder;

  @Test
  void load_modelThatDeclaresNothing_hasTheArchitecturesSize() throws IOException {
    meta(META.replace("Vanilla", "EfficientNetB1"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2);
    save("a.npy", 20, 30, 3);

    try (AucmediModel model = AucmediModel.load(folder)) {
      assertThat(model.explainable().outputActivation()).isEqualTo(OutputActivation.SOFTMAX);
      assertThat(load(model).spatialShape()).containsExactly(240, 240);
      assertThat(model.generator().optResize(7, 5).addSamples(folder, List.of("a.npy")).build())
          .extracting(images -> images.load(0).input().spatialShape())
          .isEqualTo(new int[] {7, 5});
    }
  }

  @Test
  void load_multiLabel_endsInASigmoid() throws IOException {
    meta(META.replace("\"multi_label\": false", "\"multi_label\": true"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 4, 3);
    AucmediFolder read = AucmediFolder.read(folder, null);

    try (AucmediModel model = AucmediModel.load(read, LoadOptions.NONE);
        AucmediModel other =
            AucmediModel.load(
                read, LoadOptions.builder().optActivation(OutputActivation.NONE).build())) {
      assertThat(model.explainable().outputActivation()).isEqualTo(OutputActivation.SIGMOID);
      assertThat(other.explainable().outputActivation()).isEqualTo(OutputActivation.NONE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Vanilla, z-score",
    "ResNet152, caffe",
    "VGG19, caffe",
    "EfficientNetB7, caffe",
    "ResNet50V2, tf",
    "InceptionV3, tf",
    "MobileNetV2, tf",
    "NASNetLarge, tf",
    "Xception, tf",
    "DenseNet201, torch",
    "ConvNeXtLarge, none"
  })
  void generator_standardisesByArchitecture(String architecture, String mode) throws IOException {
    meta(META.replace("Vanilla", architecture));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 1, 1, 3);

    assertThat(AucmediFolder.read(folder, null).settings().standardize()).hasToString(mode);
  }

  @Test
  void predict_namesTheClasses() throws IOException {
    meta(META.replace("Vanilla", "ConvNeXtTiny"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 2, 2, 3);
    Npy.write(folder.resolve("a.npy"), new int[] {1, 1, 3}, new float[] {1, 2, 3});

    try (AucmediModel model = AucmediModel.load(folder)) {
      Predictor.Result result =
          model.predict(model.generator().addSamples(folder, List.of("a.npy")).build());

      assertThat(result.predictions().classNames()).containsExactly("A", "B");
      // Class 1 is the sum of four pixels of 1, 2 and 3.
      assertThat(result.predictions().rows(List.of("a.npy")))
          .isDeepEqualTo(new float[][] {{0, 24}});
    }
  }

  @Test
  void generator_volumes_arePaddedCutAndRepeated() throws IOException {
    meta(
        META.replace("\"three_dim\": false", "\"three_dim\": true")
            .replace("Vanilla", "ConvNeXtTiny"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 2, 1, 3);
    Npy.write(folder.resolve("v.npy"), new int[] {1, 5, 1, 1}, new float[] {10, 20, 30, 40, 20});

    try (AucmediModel model = AucmediModel.load(folder)) {
      DataGenerator.Sample sample =
          model.generator().addSamples(folder, List.of("v.npy")).build().load(0);

      // To 0..255: 0, 85, 170, 255, 85. Depth 1 to 4: one plane before and two after. Height 5 to
      // 2: one row before and two after are cut.
      assertThat(sample.input().spatialShape()).containsExactly(4, 2, 1);
      assertThat(sample.input().data())
          .containsExactly(
              0, 0, 0, 0, 0, 0, 85, 85, 85, 170, 170, 170, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(sample.processed().spatialShape()).containsExactly(4, 2, 1);
    }
  }

  @Test
  void generator_ownSteps_comeFirst() throws IOException {
    meta(
        META.replace("\"three_dim\": false", "\"three_dim\": true")
            .replace("Vanilla", "ConvNeXtTiny"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 1, 4, 1, 3);
    ImageArray volume =
        ImageArray.of(new int[] {1, 4, 1}, 1, new float[] {-900, 20, 30, 4000}, SampleType.INTEGER);

    try (AucmediModel model = AucmediModel.load(folder)) {
      DataGenerator.Sample sample =
          model.generator(List.of(Clip.to(20f, 40f))).addSample("v", volume).build().load(0);

      // 20, 20, 30, 40 to 0..255.
      assertThat(sample.input().data())
          .containsExactly(0, 0, 0, 0, 0, 0, 128, 128, 128, 255, 255, 255);
    }
  }

  @Test
  void colourForAGreyModel_isRefusedWithAWayOut() throws IOException {
    meta(META);
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 4, 1);
    ImageArray picture = ImageArray.of(new int[] {4, 4}, 3, new float[4 * 4 * 3], SampleType.UINT8);
    try (ExplainableModel model = ExplainableModel.load(folder)) {
      DataGenerator images = DataGenerator.builder().addSample("a", picture).build();

      assertThat(
              new Predictor(model, images, new DecoderListener() {})
                  .predict()
                  .failures()
                  .get(0)
                  .reason())
          .isEqualTo(
              "the model takes images of 1 channel, and this one has 3; load it in grey"
                  + " (--grayscale), or convert it (--chromer grayscale)");
    }
  }

  @Test
  void generator_volumeOfSeveralChannels_isRefused() {
    VolumeFit fit = new VolumeFit(new int[] {2, 2, 2}, 3);
    ImageArray volume = ImageArray.of(new int[] {1, 1, 1}, 2, new float[2], SampleType.FLOAT);

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> fit.apply(volume))
        .withMessageContaining("got [1, 1, 1] with 2 channels");
  }

  @Test
  void load_folderAsAModelFile_isTheModelInIt() throws IOException {
    meta(META);
    LinearFiles.write(folder.resolve("model.last.keras"), 5, -1, 8, 8, 3);

    try (ExplainableModel model = ExplainableModel.load(folder)) {
      assertThat(model.inputShape().getShape()).containsExactly(-1, 8, 8, 3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | 8,8,3   | has 3 outputs, and the meta.training.json beside it names 2 classes [A, B]",
        "2 | 8,8,8,3 | which are no pictures",
        "2 | 8,8,2   | which are no grey or coloured images"
      })
  void load_modelThatDoesNotFit_isRefused(int outputs, String shape, String message)
      throws IOException {
    meta(META);
    Files.writeString(folder.resolve("model.last.keras"), outputs + ";-1," + shape);

    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> AucmediModel.load(folder))
        .withMessageStartingWith(folder.resolve("model.last.keras").toString())
        .withMessageContaining(message)
        .withMessageEndingWith("take both files from the same training");
  }

  @Test
  void read_analysis_choosesTheFile() throws IOException {
    for (String name : List.of("model.last.keras", "model.best_loss.hdf5", "cv_1.model.keras")) {
      LinearFiles.write(folder.resolve(name), 2, -1, 4, 4, 3);
    }
    meta(META);
    assertThat(AucmediFolder.read(folder, null).modelFile())
        .isEqualTo(folder.resolve("model.last.keras"));
    meta(META.replace("minimal", "standard"));
    assertThat(AucmediFolder.read(folder, null).modelFile())
        .isEqualTo(folder.resolve("model.best_loss.hdf5"));

    meta(
        META.replace("minimal", "advanced")
            .replace("\"Vanilla\"", "[\"VGG16\", \"Vanilla\", \"VGG16\"]"));
    for (String member : List.of("cv_1", "Vanilla")) {
      AucmediFolder read = AucmediFolder.read(folder, member);
      assertThat(read.modelFile()).isEqualTo(folder.resolve("cv_1.model.keras"));
      assertThat(read.architecture()).isEqualTo("Vanilla");
    }
    assertRefusal(
        null,
        UnsupportedModelException.class,
        folder
            + " has an ensemble of 3 models (analysis 'advanced'), and only single models are"
            + " explained; name one of cv_0 (VGG16), cv_1 (Vanilla), cv_2 (VGG16) (--member)");
    assertRefusal("VGG16", UnsupportedModelException.class, "more than one member 'VGG16'");
    assertRefusal("cv_9", UnsupportedModelException.class, "no member 'cv_9'");
    assertRefusal("cv_0", XAIException.class, "has no cv_0.model.keras");
    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(() -> ExplainableModel.load(folder))
        .withMessageContaining("only single models are explained");
  }

  @Test
  void read_memberOfASingleModel_isRefused() throws IOException {
    meta(META);

    assertRefusal("cv_0", UnsupportedModelException.class, "a single model; leave out the member");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"analysis\": \"minimal\", |  | has no 'analysis'",
        "\"architecture\": \"Vanilla\", |  | has no 'architecture'",
        "\"three_dim\": false, |  | has no 'three_dim'",
        "\"multi_label\": false, |  | has no 'multi_label'",
        "[\"A\", \"B\"] | null | has no 'class_names'",
        "[\"A\", \"B\"] | [] | has 'class_names' [], not a list of names",
        "[\"A\", \"B\"] | [\"A\", \"A\"] | not a list of different names",
        "[\"A\", \"B\"] | {} | has 'class_names' {}, not a list of names",
        "\"Vanilla\" | [\"Vanilla\"] | has 'architecture' [\"Vanilla\"], not a text",
        "minimal | maximal | has the analysis 'maximal', not minimal, standard or advanced",
        "minimal | advanced | has 'architecture' \"Vanilla\", not a list of names",
        "\"three_dim\": false | \"three_dim\": 0 | has 'three_dim' 0, not true or false",
        "\"class_names\": [\"A\", \"B\"]} | | is no JSON of AUCMEDI's",
        "{ | [ | is no JSON of AUCMEDI's"
      })
  void read_metaThatLacksSomething_saysWhat(String part, String other, String message)
      throws IOException {
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 4, 3);
    String changed = META.replace(part, other == null ? "" : other);
    assertThat(changed).isNotEqualTo(META);
    meta(changed);
    assertRefusal(null, XAIException.class, message);
    assertRefusal(null, XAIException.class, folder.resolve("meta.training.json").toString());
  }

  @Test
  void read_volumesOfNoShape_areRefused() throws IOException {
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 4, 4, 3);
    meta(
        META.replace("\"three_dim\": false", "\"three_dim\": true").replace("[4, 4, 4]", "[4, 4]"));

    assertRefusal(null, XAIException.class, "has 'shape_3D' [4,4], not three sizes");
  }

  @Test
  void read_unknownArchitecture_listsTheKnown() throws IOException {
    meta(META.replace("Vanilla", "LeNet"));
    LinearFiles.write(folder.resolve("model.last.keras"), 2, -1, 4, 4, 3);

    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> AucmediModel.load(folder))
        .withMessageContaining("names the architecture 'LeNet'")
        .withMessageContaining("ConvNeXtBase")
        .withMessageNotContaining("ResNet18");
  }

  @Test
  void read_noModelFile_namesTheOneMissing() throws IOException {
    meta(META.replace("minimal", "standard"));

    assertRefusal(
        null,
        XAIException.class,
        folder
            + " has no model.best_loss.keras, the model that its meta.training.json tells of; copy"
            + " it from where AUCMEDI trained it");
  }

  private void assertRefusal(
      @Nullable String member, Class<? extends XAIException> type, String message) {
    assertThatExceptionOfType(type)
        .isThrownBy(() -> AucmediFolder.read(folder, member))
        .withMessageContaining(message);
  }

  private void meta(String text) throws IOException {
    Files.writeString(folder.resolve("meta.training.json"), text);
  }

  private void save(String name, int... shape) throws IOException {
    int size = 1;
    for (int length : shape) {
      size *= length;
    }
    Npy.write(folder.resolve(name), shape, new float[size]);
  }

  private ImageArray load(AucmediModel model) {
    return model.generator().addSamples(folder, List.of("a.npy")).build().load(0).input();
  }
}
