package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The code of a TorchScript archive, parsed into classes and functions. */
final class ModuleCode {

  /** Operations that block gradients, judging by their names. */
  private static final Pattern CUT =
      Pattern.compile(
          "(?<![\\w.])(?:ops\\.(?<quantized>quantized\\.(?!\\w*pack)\\w+)"
              + "|torch\\.(?<op>quantize_per_\\w+|argmax|argmin|detach_?|bincount|one_hot))"
              + "|grad_mode\\.(?<mode>no_grad)\\.__new__");

  private static final Pattern TO = Pattern.compile("(?<![\\w.])torch\\.to\\(");

  /** Libtorch's numbers of the integer types and of booleans. */
  private static final Set<String> INTEGERS = Set.of("0", "1", "2", "3", "4", "11");

  private static final Pattern ATTRIBUTE =
      Pattern.compile("(?m)^  (\\w+) : (.+?)(?: = .*)?$|^  __annotations__\\[\"(.+)\"\\] = (.+)$");
  private static final Pattern CLASS = Pattern.compile("class (\\w+)(\\(NamedTuple\\))?.*:");

  /**
   * A function, or a method of a class.
   *
   * @param parameters their names, the object's own first
   * @param returnType the declared type
   * @param body the statements, one per line
   */
  record Function(List<String> parameters, String returnType, List<String> body) {}

  private final String rootClass;
  private final Map<String, Function> functions = new HashMap<>();
  private final Map<String, Map<String, String>> attributes = new HashMap<>();
  private final Map<String, ImmutableMap<String, String>> namedTuples = new HashMap<>();
  private final Set<String> cuts = new TreeSet<>();

  private ModuleCode(String rootClass) {
    this.rootClass = rootClass;
  }

  /**
   * Reads an archive's code.
   *
   * @param files the text of every file below {@code code/}, by path
   * @param rootClass the full name of the root module's class
   * @return the code
   */
  static ModuleCode of(Map<String, String> files, String rootClass) {
    ModuleCode code = new ModuleCode(rootClass);
    files.forEach((path, text) -> code.add(CodeRewriter.qualifier(path), text));
    return code;
  }

  /** Reads the code of an archive. */
  static ModuleCode read(ModuleArchive archive) throws IOException {
    Map<String, String> files = archive.code();
    Set<String> classes = CodeRewriter.moduleClasses(files);
    return of(files, ModuleTree.read(archive.read("data.pkl"), classes).rootClass());
  }

  private void add(String qualifier, String text) {
    Matcher cut = CUT.matcher(text);
    while (cut.find()) {
      cuts.add(nameOf(cut));
    }
    Matcher to = TO.matcher(text);
    while (to.find()) {
      int end = CallRewriter.closing(text, to.end());
      List<String> arguments = CallRewriter.split(text.substring(to.end(), end));
      if (arguments.size() > 1 && INTEGERS.contains(arguments.get(1))) {
        cuts.add("a cast to integers");
      }
    }
    for (String part : CodeRewriter.topLevel(text)) {
      Matcher type = CLASS.matcher(part);
      if (type.lookingAt()) {
        String name = qualifier + "." + type.group(1);
        List<String> members = ImmutableList.copyOf(CodeRewriter.parts(part, "  def "));
        Map<String, String> fields = fields(members.get(0));
        attributes.put(name, fields);
        if (type.group(2) != null) {
          namedTuples.put(name, ImmutableMap.copyOf(fields));
        }
        members.subList(1, members.size()).forEach(method -> addFunction(name, method));
      } else {
        addFunction(qualifier, part);
      }
    }
  }

  private static String nameOf(Matcher cut) {
    if (cut.group("quantized") != null) {
      return cut.group("quantized");
    }
    if (cut.group("mode") != null) {
      return "torch." + cut.group("mode");
    }
    return "torch." + cut.group("op");
  }

  private static Map<String, String> fields(String head) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher attribute = ATTRIBUTE.matcher(head);
    while (attribute.find()) {
      boolean plain = attribute.group(1) != null;
      fields.put(attribute.group(plain ? 1 : 3), attribute.group(plain ? 2 : 4).strip());
    }
    return fields;
  }

  private void addFunction(String owner, String text) {
    Matcher signature = CodeRewriter.SIGNATURE.matcher(text);
    if (!signature.lookingAt()) {
      return;
    }
    String head = signature.group();
    String arguments = head.substring(head.indexOf('(') + 1, head.lastIndexOf(") ->"));
    functions.put(
        owner + "." + signature.group("name"),
        new Function(
            CallRewriter.split(arguments).stream()
                .map(argument -> argument.replaceFirst("(?s)\\s*:.*", ""))
                .toList(),
            signature.group("type").strip(),
            text.substring(signature.end()).lines().filter(line -> !line.isBlank()).toList()));
  }

  /** Returns the full name of the root module's class. */
  String rootClass() {
    return rootClass;
  }

  /** Returns the type that the root's forward declares, or null if it has none. */
  @Nullable String returnType() {
    Function forward = functions.get(rootClass + ".forward");
    return forward == null ? null : forward.returnType();
  }

  /** Returns a function, or a method by its class's name and its own, or null. */
  @Nullable Function function(String fullName) {
    return functions.get(fullName);
  }

  /** Returns the type of a class's attribute, or null. */
  @Nullable String attribute(String className, String name) {
    return attributes.getOrDefault(className, Map.of()).get(name);
  }

  /** Returns the fields of a named tuple with their types, or null if the type is none. */
  @Nullable ImmutableMap<String, String> namedTuple(String type) {
    return namedTuples.get(type);
  }

  /** Lists the operations that may block gradients. */
  Set<String> cuts() {
    return cuts;
  }

  /** Returns a quantized operation, which blocks gradients, or null. */
  @Nullable String quantized() {
    return cuts.stream()
        .filter(name -> name.startsWith("quantized.") || name.contains("quantize_per"))
        .findFirst()
        .orElse(null);
  }

  /** Describes what the root's forward returns, for messages. */
  String returned() {
    return Objects.requireNonNullElse(returnType(), "nothing");
  }
}
