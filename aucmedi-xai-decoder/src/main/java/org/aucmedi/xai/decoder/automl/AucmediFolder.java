package org.aucmedi.xai.decoder.automl;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.FileErrors;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.jspecify.annotations.Nullable;

/**
 * What AUCMEDI AutoML says of a model that it trained.
 *
 * @param modelFile the model's file
 * @param architecture AUCMEDI's name of its architecture, without a dimension
 * @param threeDim whether it classifies volumes
 * @param volumeShape depth, height and width that volumes are cut to; empty for pictures
 * @param multiLabel whether an image may have several classes, so that the model ends in a sigmoid
 * @param classNames one per output of the model
 */
public record AucmediFolder(
    Path modelFile,
    String architecture,
    boolean threeDim,
    List<Integer> volumeShape,
    boolean multiLabel,
    List<String> classNames) {

  private static final String META = "meta.training.json";

  /** Those of AUCMEDI today, of earlier versions, and of converted models. */
  private static final ImmutableList<String> EXTENSIONS =
      ImmutableList.of(".keras", ".hdf5", ".h5", ".pt", ".onnx");

  private static final long MOST_BYTES = 16_000_000;

  /** Copies the lists. */
  public AucmediFolder {
    volumeShape = List.copyOf(volumeShape);
    classNames = List.copyOf(classNames);
  }

  /**
   * Returns whether a path is such a folder.
   *
   * @param path any path
   * @return whether it is a folder with a {@code meta.training.json}
   */
  public static boolean isOne(Path path) {
    return Files.isRegularFile(path.resolve(META));
  }

  /**
   * Reads a folder.
   *
   * @param folder the folder
   * @param member which model of an ensemble (analysis "advanced"), by the name of its file, for
   *     instance {@code cv_0}, or by its architecture where no other has the same; null for a
   *     single model
   * @return what it says
   * @throws XAIException if {@code meta.training.json} cannot be read or lacks something, or the
   *     model's file is missing
   * @throws UnsupportedModelException if there are several models and no member is named, as
   *     AUCMEDI refuses to explain them, or there is no such member
   */
  public static AucmediFolder read(Path folder, @Nullable String member) {
    Meta meta = Meta.read(folder.resolve(META));
    String analysis = meta.text("analysis");
    boolean ensemble = analysis.equals("advanced");
    Member chosen =
        switch (analysis) {
          case "minimal" -> new Member("model.last", meta.text("architecture"));
          case "standard" -> new Member("model.best_loss", meta.text("architecture"));
          case "advanced" -> choose(folder, members(meta), member);
          default ->
              throw meta.refusal(
                  "has the analysis '" + analysis + "', not minimal, standard or advanced");
        };
    if (!ensemble && member != null) {
      throw new UnsupportedModelException(
          folder + " has a single model; leave out the member '" + member + "'");
    }
    boolean threeDim = meta.flag("three_dim");
    return new AucmediFolder(
        file(folder, chosen.stem),
        chosen.architecture,
        threeDim,
        threeDim ? meta.shape("shape_3D") : List.of(),
        meta.flag("multi_label"),
        meta.names("class_names", true));
  }

  /** Returns what AUCMEDI fixes for the architecture. */
  Architecture settings() {
    return Architecture.of(
        (threeDim ? "3D." : "2D.") + architecture, modelFile.resolveSibling(META));
  }

  /** A model of a folder: its file's name without extension, and its architecture. */
  private record Member(String stem, String architecture) {

    String name() {
      return stem.replace(".model", "");
    }

    boolean is(String text) {
      return text.equals(name()) || text.equals(architecture);
    }

    @Override
    public String toString() {
      return name() + " (" + architecture + ")";
    }
  }

  private static List<Member> members(Meta meta) {
    List<String> architectures = meta.names("architecture", false);
    return IntStream.range(0, architectures.size())
        .mapToObj(i -> new Member("cv_" + i + ".model", architectures.get(i)))
        .toList();
  }

  private static Member choose(Path folder, List<Member> members, @Nullable String name) {
    List<Member> found =
        name == null ? List.of() : members.stream().filter(member -> member.is(name)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new UnsupportedModelException(
        (name == null
                ? folder
                    + " has an ensemble of "
                    + members.size()
                    + " models (analysis 'advanced'), and only single models are explained"
                : folder
                    + " has "
                    + (found.isEmpty() ? "no" : "more than one")
                    + " member '"
                    + name
                    + "'")
            + "; name one of "
            + members.stream().map(Member::toString).collect(Collectors.joining(", "))
            + " (--member)");
  }

  private static Path file(Path folder, String stem) {
    return EXTENSIONS.stream()
        .map(extension -> folder.resolve(stem + extension))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new XAIException(
                    folder
                        + " has no "
                        + stem
                        + EXTENSIONS.get(0)
                        + ", the model that its "
                        + META
                        + " tells of; copy it from where AUCMEDI trained it"));
  }

  /** The content of {@code meta.training.json}. */
  private record Meta(Path file, JsonObject content) {

    static Meta read(Path file) {
      try {
        if (Files.size(file) > MOST_BYTES) {
          throw new XAIException(file + " is too large for a description of a training");
        }
        JsonElement parsed = JsonParser.parseString(Files.readString(file));
        if (parsed.isJsonObject()) {
          return new Meta(file, parsed.getAsJsonObject());
        }
        throw damaged(file, "it holds no object", null);
      } catch (JsonParseException e) {
        String message = String.valueOf(e.getMessage()).replaceFirst("^[\\w.]+Exception: ", "");
        throw damaged(file, message.lines().findFirst().orElse("broken"), e);
      } catch (CharacterCodingException e) {
        throw damaged(file, "it is not text in UTF-8", e);
      } catch (IOException e) {
        throw new XAIException("cannot read " + file + ": " + FileErrors.reason(e), e);
      }
    }

    private static XAIException damaged(Path file, String reason, @Nullable Throwable cause) {
      String message =
          file + " is no JSON of AUCMEDI's (" + reason + "); copy it again from the training";
      return cause == null ? new XAIException(message) : new XAIException(message, cause);
    }

    XAIException refusal(String problem) {
      return new XAIException(
          file
              + " "
              + problem
              + "; copy it again from AUCMEDI's training, or give the model file itself, with"
              + " --standardize and --resize");
    }

    private JsonElement get(String key) {
      JsonElement value = content.get(key);
      if (value == null || value.isJsonNull()) {
        throw refusal("has no '" + key + "'");
      }
      return value;
    }

    private XAIException wrong(String key, JsonElement value, String expected) {
      String shown = value.toString();
      return refusal(
          "has '"
              + key
              + "' "
              + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown)
              + ", not "
              + expected);
    }

    String text(String key) {
      JsonElement value = get(key);
      if (value instanceof JsonPrimitive primitive && primitive.isString()) {
        return primitive.getAsString();
      }
      throw wrong(key, value, "a text");
    }

    boolean flag(String key) {
      JsonElement value = get(key);
      if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      throw wrong(key, value, "true or false");
    }

    List<Integer> shape(String key) {
      JsonElement value = get(key);
      if (value instanceof JsonArray array
          && array.size() == 3
          && stream(array).allMatch(size -> size.toString().matches("[1-9]\\d{0,3}"))) {
        return stream(array).map(JsonElement::getAsInt).toList();
      }
      throw wrong(key, value, "three sizes");
    }

    /** A list of texts; classes may be named by numbers, too. */
    List<String> names(String key, boolean distinct) {
      JsonElement value = get(key);
      if (value instanceof JsonArray array
          && !array.isEmpty()
          && stream(array).allMatch(JsonElement::isJsonPrimitive)) {
        List<String> names = stream(array).map(JsonElement::getAsString).toList();
        if (!distinct || new HashSet<>(names).size() == names.size()) {
          return names;
        }
        throw wrong(key, value, "a list of different names");
      }
      throw wrong(key, value, "a list of names");
    }

    private static Stream<JsonElement> stream(JsonArray array) {
      List<JsonElement> elements = new ArrayList<>();
      array.forEach(elements::add);
      return elements.stream();
    }
  }
}
