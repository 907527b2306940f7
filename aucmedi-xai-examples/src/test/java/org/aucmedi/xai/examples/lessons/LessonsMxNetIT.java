package org.aucmedi.xai.examples.lessons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.aucmedi.xai.testkit.GoldenKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LessonsMxNetIT {

  @TempDir private Path folder;

  @Test
  void explainAnyModelFile_mxnet_hasPythonsMap() throws Exception {
    assumeTrue(GoldenKind.SYMBOL.isRunnable(), "skipped: no native library of the engine");
    LessonRun run = LessonRun.of(ExplainAnyModelFile::main, folder, "cells-symbol.json");

    assertThat(run.number("on MXNet: class 1, .* map ([\\d.e-]+)")).isLessThan(1e-4);
    assertThat(folder.resolve("cells-symbol.json.png")).exists();
  }
}
