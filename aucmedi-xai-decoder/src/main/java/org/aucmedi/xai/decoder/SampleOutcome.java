package org.aucmedi.xai.decoder;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.XAIException;
import org.aucmedi.xai.decoder.DecoderResult.Failure;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.Explanation.ClassMap;
import org.aucmedi.xai.decoder.image.ImageArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything known about one sample on its way through the decoder. */
final class SampleOutcome {

  private static final Logger logger = LoggerFactory.getLogger(SampleOutcome.class);

  final int index;
  final String name;
  DataGenerator.@Nullable Sample sample;
  @Nullable List<ClassMap> maps;
  @Nullable Explanation explanation;
  List<Path> files = List.of();
  List<Warning> warnings = List.of();
  @Nullable Failure failure;

  SampleOutcome(int index, String name) {
    this.index = index;
    this.name = name;
  }

  ImageArray input() {
    return Objects.requireNonNull(sample).input();
  }

  boolean sameInputShape(SampleOutcome other) {
    return input().channels() == other.input().channels()
        && Arrays.equals(input().spatialShape(), other.input().spatialShape());
  }

  void fail(RuntimeException reason) {
    boolean explained =
        reason instanceof XAIException || reason instanceof IllegalArgumentException;
    failure = new Failure(name, explained ? reason.getMessage() : reason.toString());
    logger.debug("sample {} failed", name, reason);
  }
}
