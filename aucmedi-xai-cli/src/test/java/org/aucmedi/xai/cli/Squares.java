package org.aucmedi.xai.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.aucmedi.xai.testkit.TorchScriptArchive;

/** A network whose maps are known: outputs (s, -s), s the sum of squares, class 0's gradient 2x. */
final class Squares {

  static final String CODE =
      """
      c = torch.sum(torch.flatten(torch.mul(x, x), 1), [1], True)
      return torch.cat([c, torch.neg(c)], 1)
      """;

  private Squares() {}

  /** Writes it to squares.pt in a folder. */
  static Path write(Path folder) throws IOException {
    return TorchScriptArchive.write(folder.resolve("squares.pt"), CODE);
  }
}
