package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterators;
import com.google.common.collect.PeekingIterator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.model.LayerKind;

/**
 * Infers the kind of a layer from its module's code: from what it computes, whatever the name of
 * its class.
 *
 * <p>A module has a kind if its {@code forward} runs a single operation of that kind, none of
 * another kind, and no other module. Padding, reshaping and arithmetic around it do not matter; a
 * convolution may also normalise, its weights for instance. Of the branches of an {@code if}, the
 * larger one counts.
 *
 * <p>If the code is not conclusive, as for layers that PyTorch composes of several operations, the
 * name of PyTorch's own class decides.
 */
final class LayerKinds {

  /** A string, an operation, a function, a method, or the name of a variable. */
  private static final Pattern TOKEN =
      Pattern.compile(
          CodeRewriter.STRING
              + "|(?<![\\w.])(?:torch|ops\\.\\w+)\\.(?<operation>\\w+)\\("
              + "|(?<![\\w.])(?<function>__torch__[\\w.]+)\\("
              + "|\\((?<object>\\w+)\\)\\.(?<method>\\w+)\\("
              + "|(?<![\\w.])(?<variable>\\w+)\\(");

  private static final Map<LayerKind, Pattern> OPERATIONS =
      ImmutableMap.of(
          LayerKind.CONV, Pattern.compile("_?convolution(_mode)?|conv(_transpose)?[123]d(_relu)?"),
          LayerKind.NORM, Pattern.compile("\\w*(batch|layer|instance|group|rms)_norm\\w*"),
          LayerKind.POOL, Pattern.compile("\\w*(max|avg)_pool\\w*"),
          LayerKind.DENSE, Pattern.compile("addmm|linear(_relu)?(_dynamic)?"),
          LayerKind.ACTIVATION,
              Pattern.compile(
                  "(relu6?|leaky_relu|prelu|rrelu|rrelu_with_noise|elu|selu|celu|gelu|glu|silu|mish"
                      + "|softplus|hardtanh|hardswish|hardsigmoid|hardshrink|softshrink|threshold"
                      + "|sigmoid|log_sigmoid|tanh|softmax|log_softmax)_?"),
          LayerKind.OTHER,
              Pattern.compile(
                  "matmul|mm|bmm|baddbmm|einsum|pow_?|scaled_dot_product_attention|lstm|gru|rnn_\\w+"
                      + "|embedding\\w*|upsample\\w*|grid_sampler\\w*|\\w*attention\\w*"));

  private static final Pattern TORCH_MODULE =
      Pattern.compile("\\.torch\\.nn\\.modules\\.(\\w+)\\.(?:\\w+\\.)?(\\w+)");

  /** The number of operations of each kind; other modules count as {@link LayerKind#OTHER}. */
  private static final class Counts {

    private final Map<LayerKind, Integer> counts = new EnumMap<>(LayerKind.class);

    void add(LayerKind kind) {
      counts.merge(kind, 1, Integer::sum);
    }

    void add(Counts more) {
      more.counts.forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
    }

    void atLeast(Counts other) {
      other.counts.forEach((kind, count) -> counts.merge(kind, count, Math::max));
    }

    LayerKind kind() {
      Map<LayerKind, Integer> found = new EnumMap<>(counts);
      if (found.containsKey(LayerKind.CONV)) {
        found.remove(LayerKind.NORM);
      }
      boolean one = found.size() == 1 && found.containsValue(1);
      return one ? found.keySet().iterator().next() : LayerKind.OTHER;
    }
  }

  /** The bodies of functions by full name, and of methods by the names of class and method. */
  private final Map<String, String> bodies = new HashMap<>();

  private final Map<String, Counts> known = new HashMap<>();

  private LayerKinds() {}

  /**
   * Reads an archive's code.
   *
   * @param files the text of every file below {@code code/}, by path
   * @return the kinds of its module classes
   */
  static LayerKinds of(Map<String, String> files) {
    LayerKinds kinds = new LayerKinds();
    CodeRewriter.forEachFunction(files, kinds.bodies::put);
    return kinds;
  }

  /**
   * {@return the kind of a module}
   *
   * @param className the full name of its class
   */
  LayerKind of(String className) {
    LayerKind kind = counts(className + ".forward", className).kind();
    return kind == LayerKind.OTHER ? ofTorch(className) : kind;
  }

  private static LayerKind ofTorch(String className) {
    Matcher matcher = TORCH_MODULE.matcher(className);
    if (!matcher.find()
        || matcher.group(2).equals("Identity")
        || matcher.group(2).equals("MultiheadAttention")) {
      return LayerKind.OTHER;
    }
    return switch (matcher.group(1)) {
      case "conv" -> LayerKind.CONV;
      case "pooling" -> LayerKind.POOL;
      case "batchnorm", "instancenorm", "normalization" -> LayerKind.NORM;
      case "activation" -> LayerKind.ACTIVATION;
      case "linear" -> LayerKind.DENSE;
      default -> LayerKind.OTHER;
    };
  }

  private Counts counts(String name, String owner) {
    Counts counts = known.get(name);
    if (counts == null) {
      counts = new Counts();
      known.put(name, counts);
      String body = bodies.getOrDefault(name, "");
      Body code = new Body(owner, CallRewriter.aliases(body));
      counts.add(code.block(Iterators.peekingIterator(body.lines().iterator()), 0));
    }
    return counts;
  }

  /** The code of one function or method. */
  private final class Body {

    private final String owner;
    private final Map<String, String> aliases;

    Body(String owner, Map<String, String> aliases) {
      this.owner = owner;
      this.aliases = aliases;
    }

    /** Counts the operations in the lines with at least this indentation. */
    Counts block(PeekingIterator<String> lines, int indentation) {
      Counts counts = new Counts();
      while (lines.hasNext() && indentation(lines.peek()) >= indentation) {
        String line = lines.next();
        int inner = indentation(line) + 1;
        counts.add(line(line));
        if (line.stripLeading().startsWith("if ")) {
          Counts branches = block(lines, inner);
          if (lines.hasNext() && lines.peek().strip().equals("else:")) {
            lines.next();
            branches.atLeast(block(lines, inner));
          }
          counts.add(branches);
        } else if (line.stripLeading().startsWith("for ")
            || line.stripLeading().startsWith("while ")) {
          Counts loop = block(lines, inner);
          counts.add(loop);
          counts.add(loop);
        }
      }
      return counts;
    }

    private static int indentation(String line) {
      return line.length() - line.stripLeading().length();
    }

    private Counts line(String line) {
      Counts counts = new Counts();
      Matcher token = TOKEN.matcher(line);
      while (token.find()) {
        String operation = token.group("operation");
        String method = token.group("method");
        if (operation != null) {
          OPERATIONS.forEach(
              (kind, names) -> {
                if (names.matcher(operation).matches()) {
                  counts.add(kind);
                }
              });
        } else if (token.group("function") != null) {
          counts.add(counts(token.group("function"), ""));
        } else if (method != null
            && bodies.containsKey(owner + "." + method)
            && token.group("object").equals("self")) {
          counts.add(counts(owner + "." + method, owner));
        } else if (method != null && method.startsWith("forward")) {
          counts.add(LayerKind.OTHER);
        } else if (aliases.containsKey(token.group("variable"))) {
          counts.add(counts(aliases.get(token.group("variable")), ""));
        }
      }
      return counts;
    }
  }
}
