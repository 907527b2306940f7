package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Progress;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodBase;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.decoder.LoadedSample.Ready;
import org.aucmedi.xai.model.OutputActivation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many images and objectives go into a pass; images are 2 x 2, of one channel. */
final class BatchExplainerTest {

  private static final int CLASSES = 5;
  private static final int IMAGES = 4;

  /** For each pass "images x maps". */
  private final List<String> passes = new ArrayList<>();

  private int images;
  private int maps;

  private final XAIMethodBase method =
      DecoderTestBase.method(
          DecoderTestBase.model(CLASSES),
          pixels -> {
            endPass();
            images = pixels.length / 4;
          },
          (image, objective) -> {
            maps++;
            return new float[] {objective.classIndex(), image[0], 0, 0};
          });

  private void endPass() {
    if (images > 0) {
      passes.add(images + "x" + maps);
    }
    images = 0;
    maps = 0;
  }

  /** A limit has room for a quarter as many maps. */
  @ParameterizedTest
  @CsvSource({
    "1000, 4x20",
    "80, 4x20",
    "79, 4x16 4x4",
    "40, 4x8 3x9 1x3",
    "20, 4x4 1x4 1x4 1x4 1x4",
    "12, 3x3 1x3 1x1 1x3 1x1 1x3 1x1 1x3 1x2",
    "1, 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1 1x1",
  })
  void explain_firstBatch_learnsHowManyObjectivesThereAre(int limit, String expected) {
    explainAndCheck(explainer(Target.all(), limit), limit);

    assertThat(passes).containsExactly(expected.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 4x20",
    "79, 3x15 1x5",
    "40, 2x10 2x10",
    "20, 1x5 1x5 1x5 1x5",
    "12, 1x3 1x2 1x3 1x2 1x3 1x2 1x3 1x2",
  })
  void explain_laterBatches_takeAsManyImagesAsTheirObjectivesLeaveRoomFor(
      int limit, String expected) {
    BatchExplainer explainer = explainer(Target.all(), limit);
    explainAndCheck(explainer, limit);
    passes.clear();
    explainAndCheck(explainer, limit);

    assertThat(passes).containsExactly(expected.split(" ", -1));
  }

  @Test
  void explain_argmax_isOneMapForEachImage() {
    explainer(Target.argmax(), 12).explain(batch(), part -> {});
    endPass();

    assertThat(passes).containsExactly("3x3", "1x1");
  }

  @Test
  void explain_imagesOfUnequalObjectives_goOnWithThoseThatHaveMore() {
    Target own =
        (outputs, image, count) ->
            Target.ofClasses(IntStream.rangeClosed(0, image).toArray())
                .objectives(outputs, image, count);
    List<String> made = new ArrayList<>();

    explainer(own, 40)
        .explain(
            batch(),
            part -> {
              for (BatchExplainer.Maps some : part) {
                some.list()
                    .forEach(map -> made.add(some.sample().index() + ":" + map.classIndex()));
              }
            });
    endPass();

    assertThat(passes).containsExactly("4x7", "2x3");
    assertThat(made)
        .containsExactly("0:0", "1:0", "1:1", "2:0", "2:1", "3:0", "3:1", "2:2", "3:2", "3:3");
  }

  private void explainAndCheck(BatchExplainer explainer, int limit) {
    List<List<Integer>> classes =
        IntStream.range(0, IMAGES).<List<Integer>>mapToObj(n -> new ArrayList<>()).toList();
    explainer.explain(
        batch(),
        part -> {
          assertThat(part.stream().mapToInt(own -> own.list().size()).sum() * 4)
              .isLessThanOrEqualTo(Math.max(4, limit));
          for (BatchExplainer.Maps own : part) {
            int index = own.sample().index();
            assertThat(own.total()).isEqualTo(CLASSES);
            for (Heatmap map : own.list()) {
              classes.get(index).add(map.classIndex());
              assertThat(map.values()).containsExactly(map.classIndex(), index + 1, 0, 0);
            }
          }
        });
    endPass();
    assertThat(classes).containsOnly(List.of(0, 1, 2, 3, 4));
  }

  private BatchExplainer explainer(Target target, int limit) {
    return new BatchExplainer(
        method,
        new DecoderTarget(target, null, IMAGES, OutputActivation.NONE),
        null,
        new MemoryLimit(limit),
        Progress.NONE,
        () -> false,
        (sample, cause) -> {
          throw new AssertionError(cause);
        });
  }

  private static List<Ready> batch() {
    return IntStream.range(0, IMAGES)
        .mapToObj(
            n -> {
              ImageArray image =
                  ImageArray.of(
                      new int[] {2, 2}, 1, new float[] {n + 1, 0, 0, 0}, SampleType.FLOAT);
              return new Ready(new ExplanationSink.Sample(n, "sample " + n, image), image, null);
            })
        .toList();
  }
}
