package org.aucmedi.xai.cli;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Locale;
import org.aucmedi.xai.decoder.automl.AucmediFolder;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.OutputActivation;
import org.aucmedi.xai.model.RandomisedCopies;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model a command works on, and what its file does not tell. */
final class ModelOptions extends ModelFileOptions {

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

  @Option(
      names = "--device",
      paramLabel = "cpu|gpu[:N]",
      converter = DeviceConverter.class,
      description =
          "where the model runs, for instance gpu:1; by default the engine's choice; only PyTorch"
              + " runs on a GPU")
  private @Nullable Device device;

  @Option(
      names = "--no-optimize",
      description =
          "run a TorchScript file exactly as it is; by default many predictions use a copy with"
              + " normalisation folded into convolutions, the same to rounding")
  private boolean asItIs;

  @Nullable OutputActivation activation() {
    return activation;
  }

  /**
   * Loads the model.
   *
   * @param last the activation in place of {@code --activation}
   */
  LoadedModel open(@Nullable OutputActivation last) {
    LoadOptions options = options(last);
    AucmediFolder folder = folder();
    if (folder == null) {
      return new LoadedModel(ExplainableModel.load(path(), options), null);
    }
    AucmediModel loaded = AucmediModel.load(folder, options);
    return new LoadedModel(loaded.explainable(), loaded);
  }

  /**
   * Loads the model with random weights in all its layers.
   *
   * @throws UnsupportedModelException if its weights cannot be replaced
   */
  ExplainableModel randomised(long seed) {
    if (folder() != null) {
      throw new UnsupportedModelException(
          "the weights of AUCMEDI's model folder cannot be replaced; give its model file as --model,"
              + " with --resize and --standardize");
    }
    try (RandomisedCopies copies = RandomisedCopies.of(path(), options(activation))) {
      return copies.load(copies.layers(), seed);
    }
  }

  /** Loads another model, with the options of this one. */
  ExplainableModel second(Path other) {
    return ExplainableModel.load(other, options(activation));
  }

  private LoadOptions options(@Nullable OutputActivation last) {
    return new LoadOptions(engine, layout, output, last, signature, device, weights(), !asItIs);
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

  /** Reads {@code --device}; DJL's own way of reading would start an engine. */
  private static final class DeviceConverter extends TextConverter<Device> {
    DeviceConverter() {
      super(DeviceConverter::device);
    }

    private static Device device(String text) {
      String name = text.toLowerCase(Locale.ROOT);
      checkArgument(
          name.matches("cpu|gpu(:?\\d{1,3})?"),
          "'%s' is no device; use cpu, gpu, or a GPU by its number, such as gpu:1",
          text);
      if (name.equals("cpu")) {
        return Device.cpu();
      }
      String number = name.replaceFirst("gpu:?", "");
      return Device.gpu(number.isEmpty() ? 0 : Integer.parseInt(number));
    }
  }
}
