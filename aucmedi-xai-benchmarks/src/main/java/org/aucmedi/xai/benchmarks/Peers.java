package org.aucmedi.xai.benchmarks;

import ai.djl.ndarray.NDArray;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The methods in PyTorch: {@code tools/peers.py}, which runs beside this program. */
final class Peers implements AutoCloseable {

  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final Path folder;

  /**
   * Starts the script.
   *
   * @param command what starts it, without its argument, for instance {@code python tools/peers.py}
   * @param folder holds the networks and, meanwhile, what is exchanged
   */
  Peers(List<String> command, Path folder) throws IOException {
    Files.createDirectories(folder);
    this.folder = folder.toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // The settings of this program's allocator are not those of Python's.
    builder.environment().keySet().removeIf(name -> name.startsWith("MALLOC_"));
    this.process = builder.start();
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Returns the id of its process. */
  long process() {
    return process.pid();
  }

  /** Returns the traced network, which is written unless it was before. */
  Path network(String name) throws IOException {
    Path file = folder.resolve(name + ".pt");
    if (!Files.exists(file)) {
      Path part = folder.resolve(name + ".part");
      ask("export " + name + " " + part);
      Files.move(part, file);
    }
    return file;
  }

  /** Opens a network there; returns versions and contenders, a contender having no equals sign. */
  List<String> open(String name, Subject subject) throws IOException {
    Path file = folder.resolve("batch.f32");
    NDArray batch = subject.batch();
    float[] values = batch.toFloatArray();
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Files.write(file, bytes.array());
    String shape =
        Arrays.stream(batch.getShape().getShape())
            .mapToObj(Long::toString)
            .collect(Collectors.joining("x"));
    String answer = ask("open " + name + " " + subject.layer() + " " + shape + " " + file);
    Files.delete(file);
    return List.of(answer.split(" ", -1));
  }

  /** Runs a method there until the time is over; returns milliseconds, none if it has none. */
  double[] run(String contender, MeasuredMethod method, double seconds) {
    try {
      String answer = ask("run " + contender + " " + method.key() + " " + seconds);
      return Arrays.stream(answer.split(" ", -1))
          .filter(word -> !word.isEmpty())
          .mapToDouble(Double::parseDouble)
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns its heatmaps, one after the other. */
  float[] maps(String contender, MeasuredMethod method) throws IOException {
    Path file = folder.resolve("maps.f32");
    ask("map " + contender + " " + method.key() + " " + file);
    FloatBuffer values =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    Files.delete(file);
    float[] maps = new float[values.remaining()];
    values.get(maps);
    return maps;
  }

  private String ask(String request) throws IOException {
    requests.write(request);
    requests.newLine();
    requests.flush();
    String answer = answers.readLine();
    if (answer == null || answer.startsWith("error ")) {
      throw new IOException("'" + request + "' failed in PyTorch: " + answer);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    requests.close();
    answers.close();
    process.destroy();
  }
}
