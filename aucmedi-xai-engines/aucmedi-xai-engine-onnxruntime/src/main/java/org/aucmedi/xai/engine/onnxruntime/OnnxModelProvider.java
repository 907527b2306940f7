package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.onnxruntime.engine.OrtModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.spi.ExplainableModelProvider;
import org.aucmedi.xai.spi.ModelKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes ONNX files explainable, as far as that goes without gradients.
 *
 * <p>Where nobody names a layout, the input's declared shape tells: ONNX's own operators have
 * channels first, but networks exported from Keras take images with channels last.
 */
public final class OnnxModelProvider implements ExplainableModelProvider {

  private static final Logger logger = LoggerFactory.getLogger(OnnxModelProvider.class);
  static final String ENGINE = "OnnxRuntime";

  /** Constructs the provider; ServiceLoader calls this. */
  public OnnxModelProvider() {}

  @Override
  public String engineName() {
    return ENGINE;
  }

  @Override
  public List<ModelKind> kinds() {
    return List.of(new ModelKind("ONNX", OnnxModel.CAPABILITIES));
  }

  @Override
  public boolean accepts(Model model) {
    return model instanceof OrtModel;
  }

  @Override
  public ExplainableModel create(Model model, LoadOptions options) {
    if (model.getBlock() == null) {
      throw new IllegalArgumentException(
          "model '" + model.getName() + "' has no block; call load first");
    }
    return create(model, options, findFile(model), false);
  }

  /** The file of a loaded model; without it the model predicts, and that is all. */
  private static @Nullable OnnxFile findFile(Model model) {
    Path path = OnnxFile.find(model);
    if (path == null) {
      return null;
    }
    try {
      OnnxFile file = OnnxFile.read(path);
      // The model may have been loaded under another name, from another file beside this one.
      return file.inputNames().equals(model.getBlock().describeInput().keys()) ? file : null;
    } catch (IOException e) {
      logger.debug("no layers of model {}: {} cannot be read", model.getName(), path, e);
      return null;
    }
  }

  @Override
  public boolean canLoad(Path path) {
    return Files.isRegularFile(path) && path.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    Path absolute = path.toAbsolutePath();
    if (!Files.isRegularFile(absolute)) {
      throw new IllegalArgumentException(path + " is no file; give an ONNX file");
    }
    Model model =
        OnnxNative.start(() -> Model.newInstance(absolute.getFileName().toString(), ENGINE));
    try {
      model.load(absolute, null);
      return create(model, options, OnnxFile.read(absolute), true);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new XAIException(
          "cannot load "
              + path
              + " as ONNX: "
              + OrtErrors.oneLine(e)
              + "; export the model again, and keep files of weights that belong to it beside it",
          e);
    } catch (XAIException e) {
      model.close();
      throw e;
    }
  }

  private static ExplainableModel create(
      Model model, LoadOptions options, @Nullable OnnxFile file, boolean own) {
    if (file != null) {
      check(model, file);
    }
    return new OnnxModel(model, options, file, own);
  }

  private static void check(Model model, OnnxFile file) {
    String name = "ONNX model '" + model.getName() + "'";
    if (file.graph().inputs().size() != 1) {
      throw new XAIException(
          name
              + " takes "
              + file.graph().inputs().size()
              + " inputs ("
              + String.join(", ", file.inputNames())
              + "); an image classifier takes one");
    }
    ElementType type = file.input().type();
    if (!Batches.canConvert(type)) {
      throw new XAIException(
          name
              + " takes "
              + type.name().toLowerCase(Locale.ROOT)
              + " numbers; export it with a float32 input and without preprocessing inside");
    }
  }
}
