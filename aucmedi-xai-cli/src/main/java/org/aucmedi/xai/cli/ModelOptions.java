package org.aucmedi.xai.cli;

import java.nio.file.Path;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command works on, and what its file does not tell. */
final class ModelOptions {

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "the model file")
  private Path path;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "the engine that reads the model; by default inferred from the file name")
  private @Nullable String engine;

  @Option(
      names = "--output-name",
      paramLabel = "NAME|NUMBER",
      description = "which output to explain, where the model has several; numbers start at 0")
  private @Nullable String output;

  @Option(
      names = "--layout",
      paramLabel = "channels-first|channels-last",
      converter = LayoutConverter.class,
      description = "where the model expects channels; by default as its file declares")
  private @Nullable ChannelLayout layout;

  @Option(
      names = "--activation",
      paramLabel = "softmax|log-softmax|sigmoid|none",
      converter = ActivationConverter.class,
      description = "the model's last operation; by default read from the model")
  private @Nullable OutputActivation activation;

  @Option(
      names = "--signature",
      paramLabel = "NAME",
      description = "the signature of a SavedModel; by default serving_default or the only one")
  private @Nullable String signature;

  ExplainableModel load() {
    return ExplainableModel.load(
        path, new LoadOptions(engine, layout, output, activation, signature, null));
  }

  /** Reads {@code --layout}. */
  private static final class LayoutConverter extends TextConverter<ChannelLayout> {
    LayoutConverter() {
      super(ChannelLayout::of);
    }
  }

  /** Reads {@code --activation}. */
  private static final class ActivationConverter extends TextConverter<OutputActivation> {
    ActivationConverter() {
      super(OutputActivation::of);
    }
  }
}
