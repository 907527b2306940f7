package org.aucmedi.xai.engine.pytorch;

import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.LoadOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a TorchScript file that an importer wrote tells about its input and outputs, in its entry
 * {@code extra/aucmedi-xai.properties}. Other files tell nothing.
 *
 * @param layout where the input has its channels
 * @param inputShape the shape of a batch, -1 where any size will do
 * @param defaultOutput the output to explain if none is chosen
 * @param onlyOutput the name that the only output had in the file it was imported from
 */
record FileProperties(
    @Nullable ChannelLayout layout,
    @Nullable Shape inputShape,
    @Nullable String defaultOutput,
    @Nullable String onlyOutput) {

  private static final String ENTRY = "extra/aucmedi-xai.properties";

  static final FileProperties NONE = new FileProperties(null, null, null, null);

  /** Reads the entry, if there is one. */
  static FileProperties read(ModuleArchive archive) throws IOException {
    if (!archive.contains(ENTRY)) {
      return NONE;
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(new String(archive.read(ENTRY), StandardCharsets.UTF_8)));
      String layout = properties.getProperty("layout");
      String shape = properties.getProperty("input-shape");
      return new FileProperties(
          layout == null ? null : ChannelLayout.valueOf(layout),
          shape == null
              ? null
              : new Shape(
                  Splitter.on(',').splitToStream(shape).mapToLong(Long::parseLong).toArray()),
          properties.getProperty("default-output"),
          properties.getProperty("only-output"));
    } catch (IllegalArgumentException e) {
      throw ModelFileException.damaged("its " + ENTRY + " cannot be read: " + e.getMessage());
    }
  }

  /** Adds to the caller's settings what they leave open. */
  LoadOptions complete(LoadOptions options) {
    // A single tensor has no name in TorchScript.
    String output = options.output() == null ? defaultOutput : options.output();
    return new LoadOptions(
        options.engine(),
        options.layout() == null ? layout : options.layout(),
        output != null && output.equals(onlyOutput) ? null : output,
        options.activation(),
        options.signature(),
        options.device(),
        options.weights(),
        options.optimize());
  }
}
