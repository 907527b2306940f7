package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorCommandIT {

  @TempDir private Path folder;

  @Test
  void doctor_json_comparesTheNumbersOfEveryEngine() {
    Run run = Run.of("doctor", "--json");

    assertThat(run.code()).as(run.out()).isZero();
    JsonObject all = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(all.get("healthy").getAsBoolean()).isTrue();
    Set<String> names = new LinkedHashSet<>();
    for (JsonElement element : all.getAsJsonArray("engines")) {
      JsonObject engine = element.getAsJsonObject();
      String name = engine.get("name").getAsString();
      names.add(name);
      assertThat(engine.get("works").getAsBoolean()).as(name).isTrue();
      assertThat(engine.get("gradients").getAsBoolean())
          .as(name)
          .isEqualTo(!name.equals("OnnxRuntime"));
      assertThat(engine.get("version").getAsString()).as(name).matches("\\d+\\.\\d+.*");
      assertThat(engine.get("problem").isJsonNull()).as(name).isTrue();
    }
    assertThat(names).containsExactly("PyTorch", "TensorFlow", "OnnxRuntime", "MXNet");
    assertThat(all.getAsJsonObject("system").get("Java").getAsString())
        .contains(System.getProperty("java.version"));
    assertThat(all.getAsJsonArray("folders")).hasSize(2);
  }

  @Test
  void doctor_cacheThatCannotBeWritten_isToldWithTheReason() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    System.setProperty("ENGINE_CACHE_DIR", file.toString());
    try {
      Run run = Run.of("doctor", "--engine", "pytorch");

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.out().lines())
          .anyMatch(
              line ->
                  line.startsWith("cache of native libraries  " + file)
                      && line.endsWith(", CANNOT BE WRITTEN"))
          .last()
          .asString()
          .startsWith("PyTorch")
          .contains("BROKEN: ", file.toString());
    } finally {
      System.clearProperty("ENGINE_CACHE_DIR");
    }
  }
}
