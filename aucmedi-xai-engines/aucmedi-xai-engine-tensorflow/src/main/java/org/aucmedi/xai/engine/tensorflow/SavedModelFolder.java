package org.aucmedi.xai.engine.tensorflow;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

/**
 * A SavedModel on disk, checked before TensorFlow loads it, since TensorFlow's messages do not name
 * the file.
 */
final class SavedModelFolder {

  static final String FILE = "saved_model.pb";

  private static final String SERVING_TAG = "serve";

  private final Path given;
  private final Path folder;
  private final MetaGraphDef graph;

  /**
   * Reads the description of a model.
   *
   * @param path the folder, or the {@code saved_model.pb} in it
   * @throws XAIException if it is no readable SavedModel
   */
  SavedModelFolder(Path path) {
    this.given = path;
    if (!Files.isDirectory(path) && !path.endsWith(FILE)) {
      throw problem(
          "it is a file, and a SavedModel is a folder with "
              + FILE
              + " in it; save a Keras model with model.export(folder)",
          null);
    }
    this.folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw problem("there is no " + FILE + " in it", null);
    }
    SavedModel model;
    try {
      model = SavedModel.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw problem(FILE + " is damaged or of another kind", e);
    } catch (IOException e) {
      throw problem(FILE + " cannot be read (" + e.getMessage() + ")", e);
    }
    this.graph = choose(model.getMetaGraphsList());
    requireVariables();
  }

  private MetaGraphDef choose(List<MetaGraphDef> graphs) {
    for (MetaGraphDef candidate : graphs) {
      if (candidate.getMetaInfoDef().getTagsList().contains(SERVING_TAG)) {
        return candidate;
      }
    }
    if (graphs.size() == 1) {
      return graphs.get(0);
    }
    throw problem(
        graphs.isEmpty()
            ? FILE + " is empty"
            : "none of its graphs is tagged '"
                + SERVING_TAG
                + "', but "
                + graphs.stream()
                    .map(candidate -> candidate.getMetaInfoDef().getTagsList().toString())
                    .collect(Collectors.joining(", ")),
        null);
  }

  private void requireVariables() {
    boolean stateless =
        graph.getGraphDef().getNodeList().stream()
            .map(NodeDef::getOp)
            .noneMatch(op -> op.equals("VarHandleOp") || op.equals("VariableV2"));
    if (!stateless && !Files.isRegularFile(folder.resolve("variables/variables.index"))) {
      throw problem(
          "its folder 'variables' is missing or incomplete; copy the whole folder, not "
              + FILE
              + " alone",
          null);
    }
  }

  XAIException problem(String reason, @Nullable Throwable cause) {
    String message = "cannot load " + given + " as a SavedModel: " + reason;
    return cause == null ? new XAIException(message) : new XAIException(message, cause);
  }

  Path folder() {
    return folder;
  }

  MetaGraphDef graph() {
    return graph;
  }

  String[] tags() {
    return graph.getMetaInfoDef().getTagsList().toArray(new String[0]);
  }
}
