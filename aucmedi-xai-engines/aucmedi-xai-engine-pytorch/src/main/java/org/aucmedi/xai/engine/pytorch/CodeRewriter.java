package org.aucmedi.xai.engine.pytorch;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rewrites the code of a TorchScript archive so that every module reports its output, and every
 * ReLU its input, to one {@code Tape}.
 *
 * <p>The code is written by libtorch itself: one statement per line, names assigned once, full
 * names for functions and classes. Changes:
 *
 * <ul>
 *   <li>every module class gets the tape and a number as attributes;
 *   <li>{@code forward}, if it returns a tensor, passes it through the tape;
 *   <li>calls of ReLUs become calls of the tape's methods of the same name;
 *   <li>what a convolution or a pooling returns passes through the tape;
 *   <li>a free function that calls one of these gets a twin with the tape as its first parameter;
 *   <li>the root class gets the methods of {@code probe.py}.
 * </ul>
 */
final class CodeRewriter {

  /** The attribute that holds the tape. */
  static final String TAPE = "aucmedi_tape";

  /** The attribute that holds a module's number. */
  static final String NUMBER = "aucmedi_id";

  /** The class of the tape. */
  static final String TAPE_CLASS = "__torch__.aucmedi_xai.Tape";

  /** What modules see of the tape of {@code propagation.py}. */
  private static final String RULES_INTERFACE = "__torch__.aucmedi_xai.Rules";

  /** The pattern of a string. */
  static final String STRING = "\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"";

  private static final String TAPE_FILE = "code/__torch__/aucmedi_xai.py";

  /**
   * What is put into the code.
   *
   * @param tape the file with the class of the tape
   * @param type what modules see of it
   * @param root the file with the methods of the root class
   * @param reportsLayers whether modules pass their outputs through the tape
   * @param calls makes the rewriter of calls
   * @param state the tape's attributes: integers, strings and {@linkplain EmptyList empty lists}
   */
  record Style(
      String tape,
      String type,
      String root,
      boolean reportsLayers,
      Calls calls,
      ImmutableMap<String, Object> state) {

    /** Reports layers and ReLUs, for {@link Probe}. */
    static final Style PROBE =
        new Style(
            "tape.py",
            TAPE_CLASS,
            "probe.py",
            true,
            (function, tape, number, taped) -> new CallRewriter(tape, taped, TAPED),
            state(
                List.of("mode", "target", "relus", "turn", "runs"),
                List.of("names"),
                List.of("sizes", "batch", "outputs", "tapped", "replacement", "before", "cut"),
                List.of("ceilings"),
                List.of()));

    /**
     * Puts rules in place of derivatives, for {@link Propagator}.
     *
     * @param analysis what is known of the calls
     * @return the style
     */
    static Style propagation(PropagationAnalysis analysis) {
      return new Style(
          "propagation.py",
          RULES_INTERFACE,
          "propagate.py",
          false,
          (function, tape, number, taped) ->
              new PropagationCalls(analysis, function, tape, number, taped, TAPED),
          state(
              List.of(
                  "mode",
                  "channels_last",
                  "at",
                  "groups",
                  "operation",
                  "last_rule",
                  "last_id",
                  "last_version"),
              List.of("names", "way"),
              List.of(
                  "leaves",
                  "constants",
                  "outputs",
                  "references",
                  "heads",
                  "held",
                  "copies",
                  "inside",
                  "last",
                  "reference"),
              List.of("rules"),
              List.of("first", "stride", "padding", "dilation", "output_padding")));
    }

    private static ImmutableMap<String, Object> state(
        List<String> integers,
        List<String> strings,
        List<String> tensors,
        List<String> floats,
        List<String> integerLists) {
      ImmutableMap.Builder<String, Object> state = ImmutableMap.builder();
      integers.forEach(name -> state.put(name, 0));
      strings.forEach(name -> state.put(name, ""));
      tensors.forEach(name -> state.put(name, new EmptyList("build_tensorlist")));
      floats.forEach(name -> state.put(name, new EmptyList("build_doublelist")));
      integerLists.forEach(name -> state.put(name, new EmptyList("build_intlist")));
      return state.buildOrThrow();
    }
  }

  /**
   * An empty list.
   *
   * @param builder the function in {@code torch.jit._pickle} that makes one of its type
   */
  record EmptyList(String builder) {}

  /** Makes rewriters of calls. */
  @FunctionalInterface
  interface Calls {

    /**
     * Makes one for a function or a method, given its full name and the expressions for the tape
     * and for the number of the module.
     */
    TapedCalls of(String function, String tape, String number, Set<String> tapedFunctions);
  }

  private static final String OUTSIDE = "-1";
  private static final String TAPED = "__taped";
  private static final Pattern MODULE = Pattern.compile("class (\\w+)\\(Module\\):");
  static final Pattern SIGNATURE =
      Pattern.compile(
          "(?s)(?<indent> *)def (?<name>\\w+)\\((?<first>\\w+)?.*?\\) -> (?<type>.*?):\n");
  private static final Pattern RETURN = Pattern.compile("(?m)^( +)return (.+)$");
  private static final Pattern FORWARD = Pattern.compile("forward\\d*");

  private final Map<String, String> files;
  private final ModuleCode code;
  private final Style style;
  private final String rootClass;

  /** The functions that reach a ReLU, a convolution or a pooling, by full name. */
  private final Set<String> taped = new HashSet<>();

  private CodeRewriter(Map<String, String> files, ModuleCode code, Style style) {
    this.files = files;
    this.style = style;
    this.code = code;
    this.rootClass = code.rootClass();
  }

  /**
   * Rewrites an archive's code.
   *
   * @param files the text of every file below {@code code/}, by path
   * @param code the same code, parsed
   * @param style what to put into it
   * @return the text of all new or changed files
   * @throws IOException if the root has no forward
   */
  static Map<String, String> rewrite(Map<String, String> files, ModuleCode code, Style style)
      throws IOException {
    return new CodeRewriter(files, code, style).rewrite();
  }

  /**
   * {@return the full names of the module classes, the ones that get the attributes}
   *
   * @param files the text of every file below {@code code/}, by path
   */
  static Set<String> moduleClasses(Map<String, String> files) {
    Set<String> names = new HashSet<>();
    files.forEach(
        (path, text) -> {
          for (String part : topLevel(text)) {
            Matcher matcher = MODULE.matcher(part);
            if (matcher.lookingAt() && !restoresItself(part)) {
              names.add(qualifier(path) + "." + matcher.group(1));
            }
          }
        });
    return names;
  }

  /**
   * A class with custom state, for instance for quantized weights, cannot have additional
   * attributes.
   */
  private static boolean restoresItself(String moduleClass) {
    return moduleClass.contains("  def __setstate__(");
  }

  /**
   * Visits all functions and methods.
   *
   * @param files the text of every file below {@code code/}, by path
   * @param consumer receives the full name, which for a method starts with the name of its class,
   *     and the body
   */
  static void forEachFunction(Map<String, String> files, BiConsumer<String, String> consumer) {
    files.forEach(
        (path, text) -> {
          for (String part : topLevel(text)) {
            Matcher module = MODULE.matcher(part);
            boolean isModule = module.lookingAt();
            String owner = qualifier(path) + (isModule ? "." + module.group(1) : "");
            for (String function : isModule ? parts(part, "  def ") : List.of(part)) {
              Matcher signature = SIGNATURE.matcher(function);
              if (signature.lookingAt()) {
                consumer.accept(
                    owner + "." + signature.group("name"), function.substring(signature.end()));
              }
            }
          }
        });
  }

  private Map<String, String> rewrite() throws IOException {
    findTapedFunctions();
    Map<String, String> changed = new LinkedHashMap<>();
    for (Map.Entry<String, String> file : files.entrySet()) {
      changed.put(file.getKey(), rewriteFile(qualifier(file.getKey()), file.getValue()));
    }
    changed.put(TAPE_FILE, resource(style.tape));
    return changed;
  }

  /** A function reaches one if it calls one, or a function that does. */
  private void findTapedFunctions() {
    Map<String, String> functions = new HashMap<>();
    files.forEach(
        (path, text) -> {
          for (String part : topLevel(text)) {
            Matcher signature = SIGNATURE.matcher(part);
            if (signature.lookingAt()) {
              functions.put(qualifier(path) + "." + signature.group("name"), part);
            }
          }
        });
    boolean grew = true;
    while (grew) {
      grew = false;
      for (Map.Entry<String, String> function : functions.entrySet()) {
        if (!taped.contains(function.getKey())
            && style
                .calls
                .of(function.getKey(), TAPE, OUTSIDE, taped)
                .changes(function.getValue())) {
          grew = taped.add(function.getKey());
        }
      }
    }
  }

  private String rewriteFile(String qualifier, String text) throws IOException {
    StringBuilder rewritten = new StringBuilder();
    for (String part : topLevel(text)) {
      Matcher module = MODULE.matcher(part);
      Matcher signature = SIGNATURE.matcher(part);
      if (module.lookingAt() && !restoresItself(part)) {
        rewritten.append(rewriteModule(qualifier + "." + module.group(1), part));
      } else {
        rewritten.append(part);
        if (signature.lookingAt() && taped.contains(qualifier + "." + signature.group("name"))) {
          rewritten.append(twin(qualifier, signature, part));
        }
      }
    }
    return rewritten.toString();
  }

  private String twin(String qualifier, Matcher signature, String function) {
    String name = signature.group("name");
    String separator = signature.group("first") == null ? "" : ",\n    ";
    String head =
        signature
            .group()
            .replaceFirst(
                Pattern.quote(name + "("),
                name + TAPED + "(" + TAPE + ": " + style.type + separator);
    String body = function.substring(signature.end());
    return head + style.calls.of(qualifier + "." + name, TAPE, OUTSIDE, taped).rewrite(body);
  }

  private String rewriteModule(String className, String text) throws IOException {
    StringBuilder rewritten = new StringBuilder();
    String attributes = "  " + TAPE + " : " + style.type + "\n  " + NUMBER + " : int\n";
    boolean root = className.equals(rootClass);
    for (String part : parts(text, "  def ")) {
      Matcher signature = SIGNATURE.matcher(part);
      if (!signature.lookingAt()) {
        rewritten.append(part).append(attributes);
        continue;
      }
      rewritten.append(rewriteMethod(className, signature, part, root));
    }
    if (root) {
      String outputs = OutputCode.of(code, rootType(), "y");
      rewritten.append(
          resource(style.root).replace("ROOT", rootClass).replace("    OUTPUTS\n", outputs));
    }
    return rewritten.toString();
  }

  private String rootType() throws IOException {
    String type = code.returnType();
    if (type == null) {
      throw new IOException("its root module has no forward");
    }
    return type;
  }

  private String rewriteMethod(String className, Matcher signature, String method, boolean root) {
    String self = signature.group("first");
    if (self == null) {
      return method;
    }
    String tape = self + "." + TAPE;
    String body =
        style
            .calls
            .of(className + "." + signature.group("name"), tape, self + "." + NUMBER, taped)
            .rewrite(method.substring(signature.end()));
    if (style.reportsLayers
        && !root
        && FORWARD.matcher(signature.group("name")).matches()
        && signature.group("type").strip().equals("Tensor")) {
      body =
          RETURN
              .matcher(body)
              .replaceAll("$1return (" + tape + ").layer(" + self + "." + NUMBER + ", $2, )");
    }
    return signature.group() + body;
  }

  /** Splits a file into its classes, its functions and the text between them. */
  static Iterable<String> topLevel(String text) {
    return parts(text, "class |def ");
  }

  /** Splits before every line that starts with one of the alternatives. */
  static Iterable<String> parts(String text, String starts) {
    return List.of(text.split("(?m)(?=^(?:" + starts + "))"));
  }

  /** {@code code/__torch__/torch/nn/functional.py} holds {@code __torch__.torch.nn.functional}. */
  static String qualifier(String path) {
    return path.substring("code/".length(), path.length() - ".py".length()).replace('/', '.');
  }

  private static String resource(String name) {
    try {
      return Resources.toString(
          Resources.getResource(CodeRewriter.class, name), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
