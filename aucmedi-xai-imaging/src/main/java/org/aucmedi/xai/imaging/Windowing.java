package org.aucmedi.xai.imaging;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.primitives.Doubles;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which {@link Window} images are loaded with: none, the one in each file, or a given one. */
public final class Windowing {

  /** No window: values stay as they are, such as Hounsfield units. */
  public static final Windowing NONE = new Windowing(null);

  /** The window that a file has; a DICOM file without one is refused, other formats have none. */
  public static final Windowing OF_FILE = new Windowing(null);

  private final @Nullable Window window;

  private Windowing(@Nullable Window window) {
    this.window = window;
  }

  /**
   * {@return one window for all images}
   *
   * @param window the window
   */
  public static Windowing of(Window window) {
    return new Windowing(window);
  }

  /**
   * Reads a choice.
   *
   * @param text {@code none}, {@code file}, or center and width such as {@code 40,400}
   * @return the choice
   * @throws IllegalArgumentException if it is none of them
   */
  public static Windowing of(String text) {
    switch (Ascii.toLowerCase(text)) {
      case "none" -> {
        return NONE;
      }
      case "file" -> {
        return OF_FILE;
      }
      default -> {
        List<String> parts = Splitter.on(',').trimResults().splitToList(text);
        Double center = parts.size() == 2 ? Doubles.tryParse(parts.get(0)) : null;
        Double width = parts.size() == 2 ? Doubles.tryParse(parts.get(1)) : null;
        checkArgument(
            center != null && width != null,
            "'%s' is no window; write CENTER,WIDTH such as 40,400, or file, or none",
            text);
        return of(new Window(center, width, Window.Function.LINEAR));
      }
    }
  }

  /** {@return the window for all images, or nothing} */
  public Optional<Window> window() {
    return Optional.ofNullable(window);
  }

  @Override
  public String toString() {
    if (window != null) {
      return window.center() + "," + window.width();
    }
    return this == OF_FILE ? "file" : "none";
  }
}
