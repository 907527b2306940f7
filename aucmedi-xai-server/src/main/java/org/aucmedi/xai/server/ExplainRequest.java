package org.aucmedi.xai.server;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.MethodOptions;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.methods.Baseline;
import org.aucmedi.xai.methods.gradient.Baselines;
import org.aucmedi.xai.methods.perturbation.SuperpixelFill;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks to be explained, and how.
 *
 * @param method the key of a method
 * @param target what is explained
 * @param layer the layer, or null for the method's choice
 * @param profile whose defaults the method has
 * @param options the options that are set, by name
 * @param format what the answer is
 * @param drawing how a picture is drawn
 * @param raw whether numbers are those before normalisation
 * @param floats whether JSON has maps as floats instead of bytes
 * @param image whether JSON has the image
 * @param name what the client calls the image; empty if it does not say
 * @param job what the client calls the request, or null
 */
record ExplainRequest(
    String method,
    Target target,
    @Nullable String layer,
    Profile profile,
    Map<String, String> options,
    Format format,
    Drawing drawing,
    boolean raw,
    boolean floats,
    boolean image,
    String name,
    @Nullable String job) {

  static final List<String> PARAMETERS =
      List.of(
          "method",
          "class",
          "layer",
          "profile",
          Query.OPTION,
          "format",
          "colormap",
          "alpha",
          "overlay",
          "raw",
          "values",
          "image",
          "name",
          "job");

  /** Types of options whose values may be files. */
  private static final Set<Class<?>> FILE_TYPES =
      Set.of(Baseline.class, Baselines.class, SuperpixelFill.class);

  private static final Pattern NO_FILE =
      Pattern.compile("(?i)mean|blur|segment-mean|[-+]?[0-9.]+(e[-+]?[0-9]+)?");

  /** What an answer is. */
  enum Format {
    PNG("image/png"),
    NPY("application/octet-stream"),
    JSON(Reply.JSON);

    private final String type;

    Format(String type) {
      this.type = type;
    }

    String type() {
      return type;
    }
  }

  /** How JSON has a map. */
  private enum Values {
    UINT8,
    FLOAT32
  }

  /** A client may not look at the server's files, not even find out which there are. */
  private static void refuseFiles(List<MethodOption<?>> known, Map<String, String> options) {
    options.forEach(
        (name, value) -> {
          boolean mayBeFile =
              known.stream()
                  .anyMatch(
                      option ->
                          option.name().equalsIgnoreCase(name)
                              && FILE_TYPES.contains(option.type()));
          if (mayBeFile && !NO_FILE.matcher(value).matches()) {
            throw Query.invalid(
                Query.OPTION + name, "files cannot be named here; give a number, mean or blur");
          }
        });
  }

  /**
   * Reads a query, and refuses what can be known to be wrong without a model.
   *
   * @throws HttpError if a parameter is wrong
   */
  static ExplainRequest of(Query query, Served served, XAIMethodRegistry registry) {
    String method = query.get("method");
    if (method == null) {
      throw Query.invalid("method", "is missing; see /methods for the keys");
    }
    Profile profile =
        Objects.requireNonNullElse(query.constant("profile", Profile.class), Profile.AUCMEDI);
    Map<String, String> options = query.options();
    Target target;
    try {
      List<MethodOption<?>> known = registry.get(method).description().options();
      refuseFiles(known, options);
      MethodOptions.parse(profile, known, options);
      target = Target.parse(query.get("class", "argmax"), served.classNames());
    } catch (IllegalArgumentException e) {
      // The words of the command line.
      throw new HttpError(HttpError.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    Format format = Objects.requireNonNullElse(query.constant("format", Format.class), Format.PNG);
    boolean raw = query.flag("raw", false);
    if (raw && format != Format.NPY) {
      throw Query.invalid(
          "raw",
          "maps before normalisation are numbers; ask for format=npy, or take rawMin and rawMax of"
              + " format=json");
    }
    return new ExplainRequest(
        method.toLowerCase(Locale.ROOT),
        target,
        query.get("layer"),
        profile,
        options,
        format,
        drawing(query, served.drawing()),
        raw,
        query.constant("values", Values.class) == Values.FLOAT32,
        query.flag("image", true),
        query.get("name", ""),
        query.get("job"));
  }

  private static Drawing drawing(Query query, Drawing otherwise) {
    Colormap colormap = query.constant("colormap", Colormap.class);
    Drawing drawing =
        otherwise
            .withOverlay(query.flag("overlay", otherwise.overlay()))
            .withColormap(colormap == null ? otherwise.colormap() : colormap);
    Drawing weighted = query.read("alpha", text -> drawing.withAlpha(Float.parseFloat(text)));
    return weighted == null ? drawing : weighted;
  }
}
