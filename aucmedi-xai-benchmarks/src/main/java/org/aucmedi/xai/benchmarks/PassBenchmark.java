package org.aucmedi.xai.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The passes of one model in absolute times, under JMH; {@link Ratios} sets them in relation.
 *
 * <p>JMH reports a pass that the model's engine cannot do, and continues with the next.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Dai.djl.offline=true")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PassBenchmark {

  /** The model's file, with the shape of an image where the file does not declare it. */
  @Param("resnet18_scripted.pt@3x224x224")
  public String model = "";

  /** The size of the batch. */
  @Param("1")
  public int batch;

  /** The pass. */
  @Param public Operation operation = Operation.FORWARD;

  private @Nullable Subject subject;
  private Runnable pass = () -> {};

  /** Constructs the benchmark; JMH calls this. */
  public PassBenchmark() {}

  /** Opens the model and runs the pass once, so that what happens only once is not measured. */
  @Setup
  public void open() {
    Subject opened = Subject.parse(model, batch);
    subject = opened;
    if (!opened.can(operation.capability())) {
      throw new IllegalStateException(
          "skipped: " + opened.model() + " has no " + operation.capability().description());
    }
    pass = operation.on(opened);
    pass.run();
  }

  /** Runs the pass. */
  @Benchmark
  public void pass() {
    pass.run();
  }

  /** Closes the model. */
  @TearDown
  public void close() {
    if (subject != null) {
      subject.close();
    }
  }
}
