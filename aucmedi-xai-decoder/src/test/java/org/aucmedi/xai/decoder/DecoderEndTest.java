package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.aucmedi.xai.testkit.ClosedFormNet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What ends a run early, and what is left then. */
@Timeout(60)
final class DecoderEndTest extends DecoderTestBase {

  @Test
  void decode_faultOfTheModel_endsTheRunAndKeepsWhatIsWritten() throws IOException {
    AtomicInteger passes = new AtomicInteger();
    Consumer<float[]> batches =
        pixels -> {
          if (passes.getAndIncrement() == 1) {
            throw new UnsupportedModelException("no differentiable path");
          }
        };
    List<String> told = new ArrayList<>();
    Path out = folder.resolve("out");
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(1).build(), method(batches))
            .optOutput(out, OutputFormat.NPY)
            .optListener(listener(told))
            .build();

    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(decoder::decode)
        .withMessage("no differentiable path");
    assertThat(passes).hasValue(2);
    assertThat(told).containsExactly("written 1.npy 0");
    assertThat(out.toFile().list()).containsExactly("1.npy");
  }

  @Test
  void decode_throwsWhileMapsAreWritten_writesNothingAfterIt() throws IOException {
    CountDownLatch writing = new CountDownLatch(1);
    List<String> written = Collections.synchronizedList(new ArrayList<>());
    Consumer<float[]> batches =
        pixels -> {
          if (pixels[0] == 2) {
            assertThat(Latches.await(writing)).isTrue();
            throw new UnsupportedModelException("no differentiable path");
          }
        };
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(1).build(), method(batches))
            .optSink(
                (sample, map) -> {
                  writing.countDown();
                  Latches.pause(100);
                  written.add(sample.name());
                  return List.of();
                })
            .build();

    assertThatExceptionOfType(UnsupportedModelException.class).isThrownBy(decoder::decode);
    assertThat(written).containsExactly("1.npy");
    Latches.pause(150);
    assertThat(written).hasSize(1);
  }

  @Test
  void decode_returns_afterTheLastMapIsWritten() throws IOException {
    List<String> written = Collections.synchronizedList(new ArrayList<>());
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(2).build())
            .optSink(
                (sample, map) -> {
                  Latches.pause(50);
                  written.add(sample.name());
                  return List.of();
                })
            .build();

    decoder.decode();

    assertThat(written).containsExactlyInAnyOrder("1.npy", "2.npy", "3.npy");
  }

  @Test
  void decode_throwsWhileImagesAreLoaded_loadsNothingAfterIt() throws IOException {
    CountDownLatch second = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger loaded = new AtomicInteger();
    int batchSize = 200;
    DataGenerator generator =
        generator(IntStream.range(0, 2 * batchSize).toArray())
            .addSubfunction(
                image -> {
                  if (begun.incrementAndGet() > batchSize) {
                    second.countDown();
                    Latches.pause(20);
                  }
                  loaded.incrementAndGet();
                  return image;
                })
            .optBatchSize(batchSize)
            .build();
    Consumer<float[]> batches =
        pixels -> {
          assertThat(Latches.await(second)).isTrue();
          throw new UnsupportedModelException("no differentiable path");
        };

    assertThatExceptionOfType(UnsupportedModelException.class)
        .isThrownBy(decoder(generator, method(batches)).build()::decode);
    int atEnd = begun.get();
    assertThat(atEnd).isLessThan(2 * batchSize);
    assertThat(loaded).hasValue(atEnd);
    Latches.pause(100);
    assertThat(begun).hasValue(atEnd);
  }

  @Test
  void decode_errorInASink_endsTheRun() throws IOException {
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).build())
            .optSink(
                (sample, map) -> {
                  throw new NoClassDefFoundError("gone");
                })
            .build();

    assertThatExceptionOfType(NoClassDefFoundError.class)
        .isThrownBy(decoder::decode)
        .withMessage("gone");
  }

  @Test
  void decode_modelClosedMeanwhile_endsTheRunOnce() throws IOException {
    ExplainableModel net =
        new ClosedFormNet(ChannelLayout.CHANNELS_FIRST, ClosedFormNet.Weights.random(1, 1));
    List<String> told = new ArrayList<>();
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(1).build())
            .setModel(net)
            .optListener(
                new DecoderListener() {
                  @Override
                  public void progressed(int samples, int total, double pass) {
                    net.close();
                  }

                  @Override
                  public void failed(Failed failure) {
                    told.add(failure.sample());
                  }
                })
            .build();

    assertThatIllegalStateException()
        .isThrownBy(decoder::decode)
        .withMessage("a network in closed form was closed before the last image; close it later");
    assertThat(told).isEmpty();
  }

  @Test
  void decode_interrupted_endsTheRun() throws IOException {
    XAIDecoder decoder =
        decoder(generator(1, 2, 3).optBatchSize(2).build())
            .optListener(
                new DecoderListener() {
                  @Override
                  public void progressed(int samples, int total, double pass) {
                    Thread.currentThread().interrupt();
                  }
                })
            .build();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(decoder::decode)
        .withMessage("interrupted after 2 of 3 images");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void decode_listenerCancelsWithinAnImage_endsTheRunAndKeepsWhatIsWritten() throws IOException {
    List<String> steps = new ArrayList<>();
    Path out = folder.resolve("out");
    XAIDecoder decoder =
        decoder(
                generator(1, 2).optBatchSize(1).build(),
                OcclusionSensitivity.builder().build(model()))
            .optTarget(Target.all())
            .optOutput(out, OutputFormat.NPY)
            .optListener(
                new DecoderListener() {
                  @Override
                  public void progressed(int samples, int total, double pass) {
                    steps.add(samples + "/" + total + " " + pass);
                    if (samples == 1 && pass == 1) {
                      throw new CancellationException("enough");
                    }
                  }
                })
            .build();

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(decoder::decode)
        .withMessage("enough");
    assertThat(steps).containsExactly("0/2 1.0", "1/2 0.0", "1/2 1.0");
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("1.class_0.npy", "1.class_1.npy");
  }

  /** The calls of a listener. */
  private enum Call {
    FAILED_LOADING,
    FAILED_EXPLAINING,
    FAILED_WRITING,
    WARNED,
    WRITTEN,
    UNEXPLAINED,
    PROGRESSED,
    PROGRESSED_WITHIN
  }

  /** One sample for each call; one overflows, and the map of one patch is flat. */
  @ParameterizedTest
  @EnumSource
  void decode_listenerThrows_endsTheRunWithThatException(Call call) throws IOException {
    RuntimeException mine = new UnsupportedOperationException("mine");
    List<Call> calls = new ArrayList<>();
    DecoderListener listener =
        new DecoderListener() {
          private void call(Call now) {
            calls.add(now);
            if (now == call) {
              throw mine;
            }
          }

          @Override
          public void failed(Failed failure) {
            call(
                switch (failure.stage()) {
                  case LOADING -> Call.FAILED_LOADING;
                  case EXPLAINING -> Call.FAILED_EXPLAINING;
                  case WRITING -> Call.FAILED_WRITING;
                });
          }

          @Override
          public void warned(Warning warning) {
            call(Call.WARNED);
          }

          @Override
          public void written(String sample, WrittenMap map) {
            call(Call.WRITTEN);
          }

          @Override
          public void unexplained(String sample) {
            call(Call.UNEXPLAINED);
          }

          @Override
          public void progressed(int samples, int total, double pass) {
            call(pass == 0 ? Call.PROGRESSED : Call.PROGRESSED_WITHIN);
          }
        };
    save("good.npy", 1, 0, 0, 1);
    save("huge.npy", 1e38f, 0, 0, 1);
    save("low.npy", 0, 0, 0, 0);
    save("unwritten.npy", 1, 0, 0, 1);
    XAIDecoder decoder =
        decoder(
                generator()
                    .addSamples(
                        folder,
                        List.of("absent.npy", "good.npy", "huge.npy", "low.npy", "unwritten.npy"))
                    .build(),
                OcclusionSensitivity.builder().build(model()))
            .optTarget(Target.above(3))
            .optSink(
                (sample, map) -> {
                  if (sample.name().equals("unwritten.npy")) {
                    throw new IllegalArgumentException("full");
                  }
                  return List.of();
                })
            .optListener(listener)
            .build();

    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(decoder::decode)
        .isSameAs(mine);
    assertThat(Collections.frequency(calls, call)).isEqualTo(1);
  }
}
