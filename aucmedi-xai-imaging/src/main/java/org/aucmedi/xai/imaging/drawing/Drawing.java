package org.aucmedi.xai.imaging.drawing;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.array.DisplayWindow;
import org.aucmedi.xai.array.OverlayStyle;
import org.jspecify.annotations.Nullable;

/**
 * How maps are drawn as pictures. Start from {@link #DEFAULT}, which gives AUCMEDI's pixels:
 *
 * <pre>{@code
 * Drawing.DEFAULT.withColormap(Colormap.INFERNO).withHeatAlpha(true).withColorBar(true)
 * }</pre>
 *
 * @param overlay whether a picture shows the map over the image, or the map alone
 * @param colormap the colours of the map, or null for {@link Colormap#JET} over an image and {@link
 *     Colormap#GRAY} alone
 * @param alpha the weight of the map in an overlay, 0 to 1
 * @param heatAlpha whether the weight is alpha times the heat, see {@link OverlayStyle}
 * @param window how the image's values become greys or colours
 * @param colorBar whether a bar with the colours and their raw values stands at the right
 * @param volumeView how a volume becomes one picture
 * @param gifAxis the axis of a volume along which the frames of an animation follow, 0 (slices), 1
 *     (rows) or 2 (columns)
 */
public record Drawing(
    boolean overlay,
    @Nullable Colormap colormap,
    float alpha,
    boolean heatAlpha,
    DisplayWindow window,
    boolean colorBar,
    VolumeView volumeView,
    int gifAxis) {

  /** AUCMEDI's: jet over the image, of weight 0.25 everywhere; frames along axis 1. */
  public static final Drawing DEFAULT =
      new Drawing(true, null, 0.25f, false, DisplayWindow.AUTO, false, VolumeView.MONTAGE, 1);

  /**
   * Makes a drawing.
   *
   * @throws IllegalArgumentException if alpha or the axis is out of range
   */
  public Drawing {
    checkArgument(alpha >= 0 && alpha <= 1, "alpha must lie in [0, 1], got %s", alpha);
    Objects.requireNonNull(window, "window");
    Objects.requireNonNull(volumeView, "volumeView");
    checkArgument(gifAxis >= 0 && gifAxis <= 2, "the GIF's axis is 0, 1 or 2, got %s", gifAxis);
  }

  /**
   * {@return the drawing with the map over the image, or alone}
   *
   * @param other whether it is over the image
   */
  public Drawing withOverlay(boolean other) {
    return new Drawing(other, colormap, alpha, heatAlpha, window, colorBar, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with other colours}
   *
   * @param other the colours, or null for jet over an image and grey alone
   */
  public Drawing withColormap(@Nullable Colormap other) {
    return new Drawing(overlay, other, alpha, heatAlpha, window, colorBar, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with another weight of the map}
   *
   * @param other the weight, 0 to 1
   */
  public Drawing withAlpha(float other) {
    return new Drawing(overlay, colormap, other, heatAlpha, window, colorBar, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with a weight of the map that depends on the heat, or does not}
   *
   * @param other whether it does
   */
  public Drawing withHeatAlpha(boolean other) {
    return new Drawing(overlay, colormap, alpha, other, window, colorBar, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with another window of the image}
   *
   * @param other how the image's values become greys or colours
   */
  public Drawing withWindow(DisplayWindow other) {
    return new Drawing(overlay, colormap, alpha, heatAlpha, other, colorBar, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with a colour bar, or without}
   *
   * @param other whether there is one
   */
  public Drawing withColorBar(boolean other) {
    return new Drawing(overlay, colormap, alpha, heatAlpha, window, other, volumeView, gifAxis);
  }

  /**
   * {@return the drawing with another view of volumes}
   *
   * @param other how a volume becomes one picture
   */
  public Drawing withVolumeView(VolumeView other) {
    return new Drawing(overlay, colormap, alpha, heatAlpha, window, colorBar, other, gifAxis);
  }

  /**
   * {@return the drawing with another axis of animations}
   *
   * @param other 0, 1 or 2
   */
  public Drawing withGifAxis(int other) {
    return new Drawing(overlay, colormap, alpha, heatAlpha, window, colorBar, volumeView, other);
  }

  /** {@return the colours that are used} */
  public Colormap colours() {
    if (colormap != null) {
      return colormap;
    }
    return overlay ? Colormap.JET : Colormap.GRAY;
  }

  /** The style of a map over an image whose values are greys or colours already. */
  OverlayStyle styleOfWindowed() {
    return new OverlayStyle(colours(), alpha, heatAlpha, DisplayWindow.NONE);
  }
}
