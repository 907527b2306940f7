package org.aucmedi.xai.engine.tensorflow;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpList;

/** The definitions of TensorFlow's operations. */
final class OpSpecs {

  private final Map<String, OpDef> byName = new HashMap<>();

  OpSpecs(OpList operations) {
    operations.getOpList().forEach(spec -> byName.put(spec.getName(), spec));
  }

  @Nullable OpDef find(String op) {
    return byName.get(op);
  }

  OpDef get(String op) {
    OpDef spec = byName.get(op);
    if (spec == null) {
      throw new XAIException("this TensorFlow has no operation " + op);
    }
    return spec;
  }

  /** Adds attributes with default values, which files omit. */
  static Map<String, AttrValue> withDefaults(OpDef spec, Map<String, AttrValue> attributes) {
    Map<String, AttrValue> complete = new LinkedHashMap<>(attributes);
    for (OpDef.AttrDef attribute : spec.getAttrList()) {
      if (attribute.hasDefaultValue()) {
        complete.putIfAbsent(attribute.getName(), attribute.getDefaultValue());
      }
    }
    return complete;
  }

  /** Returns the number of tensors in an argument of an operation; one unless it is a list. */
  static int length(OpDef.ArgDef argument, Map<String, AttrValue> attributes) {
    if (!argument.getNumberAttr().isEmpty()) {
      return Math.toIntExact(attribute(attributes, argument.getNumberAttr()).getI());
    }
    if (!argument.getTypeListAttr().isEmpty()) {
      return attribute(attributes, argument.getTypeListAttr()).getList().getTypeCount();
    }
    return 1;
  }

  static boolean isList(OpDef.ArgDef argument) {
    return !argument.getNumberAttr().isEmpty() || !argument.getTypeListAttr().isEmpty();
  }

  /** Returns the number of an output that a function's body names by argument and position. */
  static int outputIndex(
      OpDef spec, Map<String, AttrValue> attributes, String argument, int position) {
    int index = 0;
    for (OpDef.ArgDef output : spec.getOutputArgList()) {
      if (output.getName().equals(argument)) {
        return index + position;
      }
      index += length(output, attributes);
    }
    throw new XAIException("operation " + spec.getName() + " has no output " + argument);
  }

  private static AttrValue attribute(Map<String, AttrValue> attributes, String name) {
    AttrValue value = attributes.get(name);
    if (value == null) {
      throw new XAIException("an operation lacks its attribute " + name);
    }
    return value;
  }
}
