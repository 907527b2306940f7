package org.aucmedi.xai.decoder;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.Heatmap;

/**
 * Hands every map to two sinks, one after the other. What the first refuses does not reach the
 * second.
 */
record Tee(ExplanationSink first, ExplanationSink second) implements ExplanationSink {

  @Override
  public void check(Sample sample) {
    first.check(sample);
    second.check(sample);
  }

  @Override
  public List<Path> accept(Sample sample, Heatmap map) {
    return ImmutableList.<Path>builder()
        .addAll(first.accept(sample, map))
        .addAll(second.accept(sample, map))
        .build();
  }
}
