package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;

/**
 * Writes TorchScript code that hands every tensor in a value to the tape, for any nesting of
 * tuples, named tuples, lists, dictionaries and optionals. Numbers and strings are omitted.
 *
 * <p>A tensor is named by the path of keys and fields that lead to it, joined by dots; an index in
 * a tuple or a list is part of the name only below one of these.
 */
final class OutputCode {

  private final ModuleCode code;
  private final StringBuilder text = new StringBuilder();
  private int variables;

  private OutputCode(ModuleCode code) {
    this.code = code;
  }

  /**
   * Writes the code.
   *
   * @param code the code, which declares named tuples
   * @param type the value's type
   * @param variable the value
   * @return statements, indented as a method's body
   */
  static String of(ModuleCode code, String type, String variable) {
    OutputCode output = new OutputCode(code);
    output.add(type, variable, "\"\"", "    ");
    return output.text.toString();
  }

  private void add(String type, String value, String name, String indent) {
    ImmutableMap<String, String> fields = code.namedTuple(type);
    if (type.equals("Tensor")) {
      line(indent, "_ = (tape).output(" + value + ", " + name + ", )");
    } else if (fields != null) {
      int index = 0;
      for (Map.Entry<String, String> field : fields.entrySet()) {
        String part = variable(indent, "(" + value + ")[" + index + "]");
        String key = "\"" + field.getKey() + "\"";
        add(field.getValue(), part, child(name, key, key), indent);
        index++;
      }
    } else if (type.startsWith("Tuple[")) {
      List<String> parts = arguments(type);
      for (int index = 0; index < parts.size(); index++) {
        String part = variable(indent, "(" + value + ")[" + index + "]");
        add(parts.get(index), part, child(name, "\"\"", "\"" + index + "\""), indent);
      }
    } else if (type.startsWith("Optional[")) {
      line(indent, "if torch.__isnot__(" + value + ", None):");
      String inner = indent + "  ";
      String found = arguments(type).get(0);
      add(found, variable(inner, "unchecked_cast(" + found + ", " + value + ")"), name, inner);
      line(inner, "pass");
      line(indent, "else:");
      line(inner, "pass");
    } else if (type.startsWith("List[")) {
      String index = loop("torch.len(" + value + ")", indent);
      String inner = indent + "  ";
      String part = variable(inner, value + "[" + index + "]");
      String key = variable(inner, "torch.format(\"{}\", " + index + ")");
      add(arguments(type).get(0), part, child(name, "\"\"", key), inner);
      line(inner, "pass");
    } else if (type.startsWith("Dict[")) {
      String keys = variable(indent, "torch.list(torch.keys(" + value + "))");
      String index = loop("torch.len(" + keys + ")", indent);
      String inner = indent + "  ";
      String key = variable(inner, keys + "[" + index + "]");
      String part = variable(inner, value + "[" + key + "]");
      String text = variable(inner, "torch.format(\"{}\", " + key + ")");
      add(arguments(type).get(1), part, child(name, text, text), inner);
      line(inner, "pass");
    }
  }

  private static String child(String name, String atTop, String below) {
    return name.equals("\"\"") ? atTop : "torch.format(\"{}.{}\", " + name + ", " + below + ")";
  }

  private String loop(String count, String indent) {
    String index = "aucmedi_" + variables++;
    line(indent, "for " + index + " in range(" + count + "):");
    return index;
  }

  private String variable(String indent, String value) {
    String variable = "aucmedi_" + variables++;
    line(indent, variable + " = " + value);
    return variable;
  }

  private void line(String indent, String statement) {
    text.append(indent).append(statement).append('\n');
  }

  private static List<String> arguments(String type) {
    return CallRewriter.split(type.substring(type.indexOf('[') + 1, type.length() - 1));
  }
}
