package org.aucmedi.xai.engine.onnxruntime;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.onnxruntime.engine.OrtModel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aucmedi.xai.engine.onnxruntime.OnnxGraph.Value;
import org.aucmedi.xai.engine.support.AbstractModelProvider;
import org.aucmedi.xai.engine.support.OutputChoice;
import org.aucmedi.xai.engine.support.OutputChoice.Output;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.onnx.OnnxReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Supports ONNX files, without gradients.
 *
 * <p>If no layout is set, it is inferred from the declared input shape: ONNX's own operators have
 * channels first, but networks exported from Keras take images with channels last.
 */
public final class OnnxModelProvider extends AbstractModelProvider {

  private static final Logger logger = LoggerFactory.getLogger(OnnxModelProvider.class);
  static final String ENGINE = "OnnxRuntime";

  /** Constructs the provider; ServiceLoader calls this. */
  public OnnxModelProvider() {
    super(ENGINE, OrtModel.class, new ModelKind("ONNX", OnnxModel.CAPABILITIES));
  }

  @Override
  protected ExplainableModel open(Model model, LoadOptions options) {
    return open(model, options, findFile(model), false);
  }

  /** The file of a loaded model; without it, the model only predicts. */
  private static @Nullable OnnxFile findFile(Model model) {
    Path path = OnnxFile.find(model);
    if (path == null) {
      return null;
    }
    try {
      OnnxFile file = OnnxFile.read(path);
      // The model may have been loaded under another name, from another file beside this one.
      return file.inputNames().equals(model.getBlock().describeInput().keys()) ? file : null;
    } catch (IOException | XAIException e) {
      logger.debug("no layers of model {}: {} cannot be read", model.getName(), path, e);
      return null;
    }
  }

  @Override
  public boolean canLoad(Path path) {
    return Files.isRegularFile(path) && path.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  @Override
  public List<Path> files(Path path) {
    try {
      return OnnxReader.files(path);
    } catch (IOException e) {
      throw new XAIException("cannot read the model " + path + "; make it readable", e);
    }
  }

  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    Path absolute = path.toAbsolutePath();
    if (!Files.isRegularFile(absolute)) {
      throw new IllegalArgumentException(path + " is not a file; specify an ONNX file");
    }
    // DJL never runs a session on a GPU without options, and with options only on request.
    Model model =
        OnnxNative.start(
            () -> Model.newInstance(absolute.getFileName().toString(), Device.cpu(), ENGINE));
    return openOrClose(
        model::close,
        () -> {
          try (SessionOptions session = TappedSession.newOptions()) {
            model.load(absolute, null, Map.of("sessionOptions", session));
            return open(model, options, OnnxFile.read(absolute), true);
          }
        },
        e -> OrtErrors.cannotLoad(path, e));
  }

  private static ExplainableModel open(
      Model model, LoadOptions options, @Nullable OnnxFile file, boolean own) {
    if (file == null) {
      return new OnnxModel(model, options, null, null, own);
    }
    String name = "ONNX model '" + model.getName() + "'";
    checkInput(name, file);
    return new OnnxModel(model, options, file, output(name, file, options), own);
  }

  private static Value output(String name, OnnxFile file, LoadOptions options) {
    List<Value> outputs = file.graph().outputs();
    int number =
        OutputChoice.of(
            name,
            outputs.stream().map(value -> new Output(value.name(), form(value))).toList(),
            options.output());
    Value output = outputs.get(number);
    if (output.type() != ElementType.OTHER && !output.type().isFloat()) {
      throw new UnsupportedModelException(
          name
              + " returns "
              + output.type()
              + " numbers as output '"
              + output.name()
              + "'; select an output of probabilities or logits of a float type (--output-name,"
              + " LoadOptions)");
    }
    return output;
  }

  private static String form(Value output) {
    boolean plain = output.type() == ElementType.FLOAT32 || output.type() == ElementType.OTHER;
    String shape = output.shape() == null ? "" : output.shape().toString();
    return plain ? shape : (output.type() + " " + shape).strip();
  }

  private static void checkInput(String name, OnnxFile file) {
    if (file.graph().inputs().size() != 1) {
      throw new UnsupportedModelException(
          name
              + " takes "
              + file.graph().inputs().size()
              + " inputs ("
              + String.join(", ", file.inputNames())
              + "); an image classifier takes one");
    }
    ElementType type = file.input().type();
    if (!Batches.canConvert(type)) {
      throw new UnsupportedModelException(
          name
              + " takes values of type "
              + type
              + "; export it with a float input or one of 8, 32 or 64 bit integers");
    }
  }
}
