package org.aucmedi.xai.array;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;

/**
 * How a heatmap is drawn over an image.
 *
 * @param colormap the colours of the heatmap
 * @param alpha the weight of the heatmap, from 0, only the image, to 1, only the heatmap
 * @param heatAlpha whether the weight is {@code alpha} times the heat, so that cold regions show
 *     the image as it is; for a {@linkplain Colormap#isDiverging diverging} colormap times the
 *     distance from the middle, {@code |2 * heat - 1|}. Otherwise the weight is the same everywhere
 * @param window how the image's values become greys or colours
 */
public record OverlayStyle(
    Colormap colormap, float alpha, boolean heatAlpha, DisplayWindow window) {

  /** AUCMEDI's: {@link Colormap#JET}, of weight 0.25 everywhere. */
  public static final OverlayStyle DEFAULT =
      new OverlayStyle(Colormap.JET, 0.25f, false, DisplayWindow.AUTO);

  /**
   * Makes a style.
   *
   * @throws IllegalArgumentException if alpha is out of range
   */
  public OverlayStyle {
    Objects.requireNonNull(colormap, "colormap");
    Objects.requireNonNull(window, "window");
    checkArgument(alpha >= 0 && alpha <= 1, "alpha must lie in [0, 1], got %s", alpha);
  }

  /**
   * {@return the style with other colours}
   *
   * @param other the colours
   */
  public OverlayStyle withColormap(Colormap other) {
    return new OverlayStyle(other, alpha, heatAlpha, window);
  }

  /**
   * {@return the style with another weight of the heatmap}
   *
   * @param other the weight, 0 to 1
   */
  public OverlayStyle withAlpha(float other) {
    return new OverlayStyle(colormap, other, heatAlpha, window);
  }

  /**
   * {@return the style with a weight that depends on the heat, or does not}
   *
   * @param other whether it does
   */
  public OverlayStyle withHeatAlpha(boolean other) {
    return new OverlayStyle(colormap, alpha, other, window);
  }

  /**
   * {@return the style with another window}
   *
   * @param other how the image's values become greys or colours
   */
  public OverlayStyle withWindow(DisplayWindow other) {
    return new OverlayStyle(colormap, alpha, heatAlpha, other);
  }

  /** Returns the weight of the heatmap as a function of its value. */
  DoubleUnaryOperator weights() {
    // The decimal as written: 0.4f as a double is above 0.4, which truncation would make visible.
    double constant = Double.parseDouble(Float.toString(alpha));
    if (!heatAlpha) {
      return heat -> constant;
    }
    DoubleUnaryOperator strength =
        colormap.isDiverging() ? heat -> Math.abs(2 * heat - 1) : heat -> heat;
    // NaN becomes 0.
    return heat -> {
      double own = strength.applyAsDouble(heat);
      return own > 0 ? constant * Math.min(1, own) : 0;
    };
  }
}
