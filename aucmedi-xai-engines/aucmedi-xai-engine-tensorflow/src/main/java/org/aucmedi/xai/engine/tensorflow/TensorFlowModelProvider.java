package org.aucmedi.xai.engine.tensorflow;

import ai.djl.Model;
import ai.djl.tensorflow.engine.TfModel;
import ai.djl.tensorflow.engine.TfSymbolBlock;
import ai.djl.tensorflow.engine.javacpp.JavacppUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.support.AbstractModelProvider;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.SignatureDef;

/**
 * Supports Keras and TensorFlow SavedModels.
 *
 * <p>For a model loaded by DJL, it explains the signature given by the options, else by the model's
 * property {@code SignatureDefKey}, else the one that the model was loaded with. Outputs are
 * numbered from 0 in the alphabetical order of their names.
 */
public final class TensorFlowModelProvider extends AbstractModelProvider {

  static final String ENGINE = "TensorFlow";

  /** Constructs the provider; ServiceLoader calls this. */
  public TensorFlowModelProvider() {
    super(ENGINE, TfModel.class, ModelKind.ofGradients("SavedModel"));
  }

  @Override
  protected ExplainableModel open(Model model, LoadOptions options) {
    String property = model.getProperty(Signature.OPTION);
    String signature = options.signature() == null ? property : options.signature();
    return open(model, signature, options, false);
  }

  private static ExplainableModel open(
      Model model, @Nullable String signature, LoadOptions options, boolean owned) {
    String name = "SavedModel '" + model.getName() + "'";
    TfSymbolBlock block = (TfSymbolBlock) model.getBlock();
    Convolutions.CHECK.require(model.getNDManager());
    LoadedGraph graph = LoadedGraphs.of(block, signature, options.output(), name);
    return new SavedModelModel(model, graph, options, owned);
  }

  @Override
  public boolean canLoad(Path path) {
    return Files.isDirectory(path)
        ? Files.isRegularFile(path.resolve(SavedModelFolder.FILE))
        : path.endsWith(SavedModelFolder.FILE);
  }

  @Override
  public List<Path> files(Path path) {
    return List.of(Files.isDirectory(path) ? path : path.toAbsolutePath().getParent());
  }

  /**
   * Loads a SavedModel.
   *
   * @param path the model's folder, or the {@code saved_model.pb} in it
   * @param options the signature to explain, by default {@code serving_default} or the only one,
   *     and other settings; outputs are numbered from 0 in the alphabetical order of their names
   * @return an explainable model that owns what it loaded
   * @throws XAIException if the model cannot be read; the message gives folder, reason and remedy
   * @throws UnsupportedModelException if it is not an image classifier, or has several outputs and
   *     none is named
   */
  @Override
  public ExplainableModel load(Path path, LoadOptions options) {
    SavedModelFolder files = new SavedModelFolder(path);
    String name = files.folder().toString();
    Map<String, SignatureDef> signatures = Signature.all(files.graph());
    String chosen = Signature.choose(signatures, options.signature(), name);
    Signature.of(chosen, signatures.get(chosen), options.output(), name);
    TensorFlowNative.start();
    Model model =
        Model.newInstance(String.valueOf(files.folder().toAbsolutePath().getFileName()), ENGINE);
    return openOrClose(
        model::close,
        () -> {
          model.load(
              files.folder(),
              SavedModelFolder.FILE,
              Map.of(Signature.OPTION, chosen, "Tags", files.tags(), "ConfigProto", config()));
          return open(model, chosen, options, true);
        },
        e -> {
          boolean restoring = String.valueOf(e.getMessage()).contains("RestoreV2");
          String reason = TensorFlowErrors.firstLine(e);
          return files.problem(
              restoring ? "its variables are damaged (" + reason + ")" : reason, e);
        });
  }

  /**
   * DJL's settings of a session, without TensorFlow's graph optimiser: it would take seconds for
   * each kind of pass, and may merge nothing here, see {@link ModelGraph}.
   */
  static ConfigProto config() {
    ConfigProto.Builder config = JavacppUtils.getSessionConfig().toBuilder();
    config.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
    return config.build();
  }
}
