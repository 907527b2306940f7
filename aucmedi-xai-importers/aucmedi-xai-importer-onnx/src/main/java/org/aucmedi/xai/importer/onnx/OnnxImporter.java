package org.aucmedi.xai.importer.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.importer.Graph;
import org.aucmedi.xai.importer.TorchScriptWriter;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelImporter;
import org.aucmedi.xai.onnx.OnnxReader;

/**
 * Compiles ONNX files, with their weights inside or in files beside them. Every node becomes a
 * layer under its own name, or the name of its output if it has none.
 *
 * <p>Operators of the versions (opset) 7 to 28 are supported; control flow, quantised operators and
 * text are not. 16-bit floating-point numbers are computed in 32 bits.
 */
public final class OnnxImporter implements ModelImporter {

  /** Constructs the importer; ServiceLoader calls this. */
  public OnnxImporter() {}

  @Override
  public boolean canImport(Path path) {
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
  public Path importInto(Path path, Path folder, LoadOptions options) throws IOException {
    Graph graph = OnnxCompiler.compile(path, OnnxReader.read(path), options);
    // The name of the model stays that of the file.
    String name = path.getFileName().toString();
    Path file = folder.resolve(name.substring(0, name.lastIndexOf('.')) + ".pt");
    TorchScriptWriter.write(graph, file);
    return file;
  }
}
