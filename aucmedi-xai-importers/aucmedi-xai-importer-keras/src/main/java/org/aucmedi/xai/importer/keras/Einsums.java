package org.aucmedi.xai.importer.keras;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;

/**
 * EinsumDense, a dense layer over any axes: {@code abc,cde->abde} maps features to heads. The
 * letters name the axes of input, kernel and output; an ellipsis, at the start or the end of input
 * and output, stands for the others.
 */
final class Einsums {

  private static final Pattern EQUATION =
      Pattern.compile("((?:\\.{3})?\\w+|\\w+\\.{3}),(\\w+)->((?:\\.{3})?\\w+|\\w+\\.{3})");

  private Einsums() {}

  static void addTo(Map<String, LayerRule> rules) {
    rules.put("EinsumDense", LayerRules.one(Einsums::dense));
  }

  private static Value dense(LayerCall call) {
    call.start("torch.nn.modules.linear.Linear");
    String equation = call.text("equation", "").replace(" ", "");
    Matcher matcher = EQUATION.matcher(equation);
    if (!matcher.matches()) {
      throw call.unsupported("has the equation '" + equation + "', which is not supported");
    }
    Value input = call.input();
    long[] sizes = LayerCall.shape(input).getShape();
    String from = spread(matcher.group(1), sizes.length);
    int others = from.length() - matcher.group(1).replace(".", "").length();
    String to = spread(matcher.group(3), matcher.group(3).replace(".", "").length() + others);
    if (from.length() != sizes.length || others < 0) {
      throw call.unsupported("has the equation '" + equation + "' for " + sizes.length + " axes");
    }
    Map<Character, Long> known = new HashMap<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      known.put(from.charAt(axis), sizes[axis]);
    }
    // The sizes that the input lacks stand in the shape of an output, without the batch.
    int[] declared = declared(call);
    for (int i = 1; i <= Math.min(declared.length, to.length()); i++) {
      char letter = to.charAt(to.length() - i);
      if (declared[declared.length - i] > 0) {
        known.putIfAbsent(letter, (long) declared[declared.length - i]);
      }
    }
    Value kernel = call.weight("kernel", shape(matcher.group(2), known));
    Shape result = new Shape(shape(to, known));
    Value product =
        call.apply(
            Operation.of(
                "torch.einsum(\"" + equation + "\", [{0}, {1}])",
                types -> types.get(0).withShape(result)),
            input,
            kernel);
    String biased = call.text("bias_axes", "");
    if (biased.isEmpty()) {
      return call.activated(product);
    }
    Value bias = call.weight("bias", biasShape(to, biased, known));
    return call.activated(call.apply(Operations.binary("add"), product, bias));
  }

  /** The equation's side with digits for the axes of its ellipsis. */
  private static String spread(String side, int rank) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < rank - side.replace(".", "").length(); i++) {
      digits.append((char) ('0' + i));
    }
    return side.replace("...", digits);
  }

  /** The size of the output; null stands for one that the input has. */
  private static int[] declared(LayerCall call) {
    var element = call.config().get("output_shape");
    if (element == null || !element.isJsonArray()) {
      return call.list("output_shape");
    }
    return element.getAsJsonArray().asList().stream()
        .mapToInt(size -> size.isJsonNull() ? -1 : size.getAsInt())
        .toArray();
  }

  private static long[] shape(String letters, Map<Character, Long> known) {
    return letters.chars().mapToLong(letter -> known.getOrDefault((char) letter, -1L)).toArray();
  }

  /** The bias has the axes from the first one that it differs along. */
  private static long[] biasShape(String to, String biased, Map<Character, Long> known) {
    int first =
        Arrays.stream(biased.split("")).mapToInt(letter -> to.indexOf(letter)).min().orElse(0);
    List<Long> sizes = new ArrayList<>();
    for (char letter : to.substring(Math.max(0, first)).toCharArray()) {
      sizes.add(biased.indexOf(letter) < 0 ? 1 : known.getOrDefault(letter, -1L));
    }
    return Longs.toArray(sizes);
  }
}
