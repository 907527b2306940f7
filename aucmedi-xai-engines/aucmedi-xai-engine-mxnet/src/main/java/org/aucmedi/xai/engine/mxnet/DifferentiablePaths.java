package org.aucmedi.xai.engine.mxnet;

import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Entry;
import org.aucmedi.xai.engine.mxnet.SymbolGraph.Node;

/**
 * Finds the operators that block gradients.
 *
 * <p>MXNet returns a gradient of zero for operators such as {@code round} and {@code argmax},
 * indistinguishable from a score that does not respond.
 */
final class DifferentiablePaths {

  /** Families of one operator: {@code broadcast_greater}, {@code _npi_floor}, and so on. */
  private static final Pattern FAMILY =
      Pattern.compile("^_?(?:npi_|np_|npx_|contrib_|broadcast_)?(.*?)(?:_scalar)?$");

  /** Operators whose derivative is zero wherever it exists, or that stop gradients by design. */
  private static final Set<String> STEPS =
      Set.of(
          "BlockGrad",
          "round",
          "around",
          "rint",
          "fix",
          "floor",
          "ceil",
          "trunc",
          "sign",
          "argmax",
          "argmin",
          "argsort",
          "one_hot",
          "shape_array",
          "size_array",
          "zeros_like",
          "ones_like",
          "logical_not",
          "logical_and",
          "logical_or",
          "logical_xor",
          "equal",
          "not_equal",
          "greater",
          "greater_equal",
          "lesser",
          "lesser_equal",
          "less",
          "less_equal",
          "isnan",
          "isinf",
          "isfinite",
          "isposinf",
          "isneginf",
          "quantize",
          "quantize_v2",
          "index_array",
          "arange_like");

  private DifferentiablePaths() {}

  /**
   * Finds the operators that block every path from the output back to a node.
   *
   * @param graph the graph
   * @param source the node to differentiate with respect to
   * @return the operators that block, as "round 'name'"; empty if a path is open
   */
  static Set<String> blockers(SymbolGraph graph, int source) {
    BitSet dependents = graph.dependents(source);
    Set<Entry> reached = new HashSet<>();
    reached.add(graph.output());
    Set<String> blockers = new LinkedHashSet<>();
    int[] order = graph.order();
    for (int i = order.length - 1; i >= 0; i--) {
      int id = order[i];
      Node node = graph.node(id);
      for (int k = 0; k < node.inputs().size(); k++) {
        Entry input = node.inputs().get(k);
        if (!dependents.get(input.node())) {
          continue;
        }
        for (Entry output : Set.copyOf(reached)) {
          if (output.node() == id) {
            if (carries(node, output.output(), k)) {
              reached.add(input);
            } else {
              blockers.add(node.op() + " '" + node.name() + "'");
            }
          }
        }
      }
    }
    return reached.stream().anyMatch(entry -> entry.node() == source) ? Set.of() : blockers;
  }

  /** Returns whether an output of a node has a derivative with respect to one of its inputs. */
  private static boolean carries(Node node, int output, int input) {
    return switch (node.op()) {
      case "topk" -> output == 0 && Set.of("value", "both").contains(attribute(node, "ret_typ"));
      case "_contrib_gradientmultiplier" -> !attribute(node, "scalar").matches("-?0*\\.?0*");
      case "Embedding", "where", "_npi_where" -> input != 0;
      case "take", "pick", "batch_take", "gather_nd" -> input == 0;
      default -> !STEPS.contains(FAMILY.matcher(node.op()).replaceFirst("$1"));
    };
  }

  private static String attribute(Node node, String name) {
    return String.valueOf(node.attributes().get(name));
  }
}
