package org.aucmedi.xai.cli;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of a run's folder with their content, but for times, command and places. */
final class RunTree {

  private RunTree() {}

  static List<String> of(Path root) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(root)) {
      files = found.filter(Files::isRegularFile).sorted().toList();
    }
    List<String> tree = new ArrayList<>();
    for (Path file : files) {
      String name = root.relativize(file).toString();
      if (name.endsWith(".json") || name.endsWith(".jsonl")) {
        String timeless =
            Files.readString(file)
                .replaceAll("\"(milliseconds|seconds)\": ?[0-9.E-]+", "")
                .replaceAll("\"(started|ended)\": \"[^\"]*\"", "")
                .replaceAll("\"command\": \\[[^]]*]", "");
        tree.add(name + " " + Hashing.sha256().hashString(timeless, StandardCharsets.UTF_8));
      } else {
        tree.add(name + " " + MoreFiles.asByteSource(file).hash(Hashing.sha256()));
      }
    }
    return tree;
  }
}
