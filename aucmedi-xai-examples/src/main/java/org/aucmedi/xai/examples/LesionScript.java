package org.aucmedi.xai.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import com.google.common.base.Joiner;
import com.google.common.primitives.Longs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the network of {@link LesionClassifier} as a TorchScript file, for methods that need the
 * network's code. The weights are in the code.
 */
final class LesionScript {

  private final List<String> statements = new ArrayList<>();
  private final Iterator<Block> layers;

  private LesionScript(Model model) {
    this.layers =
        model.getBlock().getChildren().values().stream()
            .filter(block -> !block.getParameters().isEmpty())
            .iterator();
  }

  /**
   * Writes a trained network.
   *
   * @param model the network
   * @param file where to
   * @throws IOException if the file cannot be written
   */
  static void write(Model model, Path file) throws IOException {
    String forward = new LesionScript(model).forward();
    String code =
        """
        class Lesions(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.Lesions,
            x: Tensor) -> Tensor:
        """
            + forward.indent(4);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "data.pkl", pickle());
      put(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "version", "3\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private String forward() {
    statements.add("h0 = torch.relu(" + convolution("x") + ")");
    statements.add("h1 = torch.relu(" + norm(convolution("h0")) + ")");
    statements.add("h2 = torch.avg_pool2d(h1, [2, 2], [2, 2])");
    statements.add("h3 = torch.relu(" + norm(convolution("h2")) + ")");
    statements.add("h4 = torch.avg_pool2d(h3, [2, 2], [2, 2])");
    statements.add("h5 = torch.mean(torch.relu(" + convolution("h4") + "), [2, 3])");
    Block linear = layers.next();
    statements.add(
        "return torch.linear(h5, %s, %s)"
            .formatted(tensor(linear, "weight"), tensor(linear, "bias")));
    return Joiner.on('\n').join(statements);
  }

  private String convolution(String input) {
    Block block = layers.next();
    return "torch.conv2d(%s, %s, %s, [1, 1], [1, 1], [1, 1])"
        .formatted(input, tensor(block, "weight"), tensor(block, "bias"));
  }

  private String norm(String input) {
    Block block = layers.next();
    return "torch.batch_norm(%s, %s, %s, %s, %s, False, 0.1, 1e-05, True)"
        .formatted(
            input,
            tensor(block, "gamma"),
            tensor(block, "beta"),
            tensor(block, "runningMean"),
            tensor(block, "runningVar"));
  }

  /** Names a tensor that holds a parameter. */
  private String tensor(Block block, String parameter) {
    NDArray array = block.getParameters().get(parameter).getArray();
    String name = "w" + statements.size();
    List<String> numbers = new ArrayList<>();
    for (float value : array.toFloatArray()) {
      numbers.add(String.format(Locale.ROOT, "%.9f", value));
    }
    statements.add(
        "%s = torch.reshape(torch.tensor([%s]), [%s])"
            .formatted(
                name,
                Joiner.on(", ").join(numbers),
                Joiner.on(", ").join(Longs.asList(array.getShape().getShape()))));
    return name;
  }

  /** An object of the one class, with its one attribute. */
  private static byte[] pickle() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__\nLesions\n".getBytes(StandardCharsets.UTF_8));
    pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', 'X', 8, 0, 0, 0});
    pickle.writeBytes("training".getBytes(StandardCharsets.UTF_8));
    pickle.writeBytes(new byte[] {(byte) 0x89, 's', 'b', '.'});
    return pickle.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("lesions/" + name);
    CRC32 sum = new CRC32();
    sum.update(content);
    entry.setCrc(sum.getValue());
    entry.setSize(content.length);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
