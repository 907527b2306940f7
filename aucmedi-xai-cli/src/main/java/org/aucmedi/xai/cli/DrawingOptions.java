package org.aucmedi.xai.cli;

import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.imaging.drawing.VolumeView;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of pictures. */
final class DrawingOptions {

  /** Where cold regions stay clear, warm ones may be strong. */
  private static final float HEAT_ALPHA = 0.6f;

  @Option(names = "--no-overlay", description = "draw the map alone, in grey or --colormap")
  private boolean noOverlay;

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description =
          "the weight of the map in an overlay, 0 to 1 (default: 0.25; 0.4 with AUCMEDI's model"
              + " folder, as AUCMEDI has it; 0.6 with --heat-alpha)")
  private @Nullable Float alpha;

  @Option(
      names = "--heat-alpha",
      description =
          "make the weight of the map A times the heat, so that cold regions show the image alone")
  private boolean heatAlpha;

  @Option(
      names = "--colormap",
      paramLabel = "jet|viridis|inferno|cividis|gray|coolwarm",
      description =
          "the colours of the map (default: jet); coolwarm shows the signed values before"
              + " normalisation, zero in grey, evidence for in red and against in blue")
  private @Nullable Colormap colormap;

  @Option(
      names = "--color-bar",
      description = "draw a bar with the colours and the raw values of its ends")
  private boolean colorBar;

  @Option(
      names = "--window",
      defaultValue = "auto",
      paramLabel = "auto|percentile|none|C,W",
      converter = WindowConverter.class,
      description =
          "the image's values that are drawn from black to white: auto (default) keeps 0 to 255,"
              + " stretches what lies beyond between its minimum and maximum, and takes"
              + " floating-point values in 0 to 1 times 255; percentile stretches between the 1st and"
              + " the 99th; none clips to 0 to 255; or a centre and a width, as 40,400")
  private DisplayWindow window;

  @Option(
      names = "--volume-view",
      defaultValue = "montage",
      paramLabel = "montage|cuts",
      description =
          "a volume as png: its slices side by side (default), or the three cuts through the map's"
              + " peak")
  private VolumeView volumeView;

  @Option(
      names = "--gif-axis",
      defaultValue = "1",
      paramLabel = "0|1|2",
      description =
          "the axis along which a volume's slices follow in a gif: 0 slices, 1 rows (default, as"
              + " AUCMEDI), 2 columns")
  private int gifAxis;

  /**
   * Returns how maps are drawn.
   *
   * @param aucmediFolder whether the model is a folder of AUCMEDI's, with its weight of the map
   */
  Drawing drawing(boolean aucmediFolder) {
    return new Drawing(
        !noOverlay,
        colormap,
        weight(aucmediFolder),
        heatAlpha,
        window,
        colorBar,
        volumeView,
        gifAxis);
  }

  /** {@return the image's values that are drawn from black to white} */
  DisplayWindow window() {
    return window;
  }

  private float weight(boolean aucmediFolder) {
    if (alpha != null) {
      return alpha;
    }
    if (heatAlpha) {
      return HEAT_ALPHA;
    }
    return aucmediFolder ? AucmediModel.ALPHA : Drawing.DEFAULT.alpha();
  }

  private static final class WindowConverter extends TextConverter<DisplayWindow> {

    WindowConverter() {
      super(DisplayWindow::parse);
    }
  }
}
