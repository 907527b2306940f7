package org.aucmedi.xai.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.aucmedi.xai.MethodDescription;
import org.aucmedi.xai.MethodOption;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Colormap;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.Capability;

/** The methods as JSON, with all that a form needs. */
final class MethodsJson {

  private static final int COLOURS = 256;
  private static final Properties TEXTS = texts();

  private final XAIMethodRegistry registry;
  private final Set<Capability> capabilities;

  MethodsJson(XAIMethodRegistry registry, Set<Capability> capabilities) {
    this.registry = registry;
    this.capabilities = capabilities;
  }

  private static Properties texts() {
    Properties texts = new Properties();
    try (Reader in =
        new InputStreamReader(
            Objects.requireNonNull(MethodsJson.class.getResourceAsStream("methods.properties")),
            StandardCharsets.UTF_8)) {
      texts.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  /** Returns methods, colormaps and the names of classes. */
  JsonObject of(List<String> classNames, Drawing drawing) {
    JsonObject json = new JsonObject();
    JsonArray methods = new JsonArray();
    registry.providers().forEach(provider -> methods.add(method(provider)));
    json.add("methods", methods);
    json.add("classNames", strings(classNames));
    JsonArray colormaps = new JsonArray();
    Arrays.stream(Colormap.values()).forEach(each -> colormaps.add(colormap(each)));
    json.add("colormaps", colormaps);
    json.add("alpha", Reply.number(drawing.alpha()));
    return json;
  }

  private JsonObject method(XAIMethodProvider<?> provider) {
    MethodDescription description = provider.description();
    List<String> keys = registry.keysOf(provider);
    JsonObject json = new JsonObject();
    json.addProperty("key", keys.get(0));
    json.add("aliases", strings(keys.subList(1, keys.size())));
    json.addProperty("name", description.name());
    json.addProperty("about", TEXTS.getProperty(keys.get(0) + ".about", ""));
    json.addProperty("caution", TEXTS.getProperty(keys.get(0) + ".caution", ""));
    json.add("needs", strings(description.needs()));
    List<Capability> missing =
        description.requires().stream().filter(each -> !capabilities.contains(each)).toList();
    json.addProperty("available", missing.isEmpty());
    json.add("missing", words(missing));
    json.addProperty("usesLayer", description.usesLayer());
    JsonArray options = new JsonArray();
    description.options().forEach(option -> options.add(option(option)));
    json.add("options", options);
    return json;
  }

  private static JsonArray words(Collection<Capability> capabilities) {
    return strings(capabilities.stream().sorted().map(Capability::description).toList());
  }

  private static JsonObject option(MethodOption<?> option) {
    JsonObject json = new JsonObject();
    json.addProperty("name", option.name());
    json.addProperty("description", option.description());
    json.addProperty("allowed", option.allowed());
    Class<?> type = option.type();
    json.addProperty("type", typeName(type));
    if (type.isEnum()) {
      json.add(
          "choices",
          strings(Arrays.stream(type.getEnumConstants()).map(MethodOption::textOf).toList()));
    }
    if (Double.isFinite(option.least())) {
      json.addProperty("min", option.least());
      json.addProperty("max", option.most());
    }
    for (Profile profile : Profile.values()) {
      json.addProperty(
          profile.name().toLowerCase(Locale.ROOT), MethodOption.textOf(option.defaultOf(profile)));
    }
    return json;
  }

  private static String typeName(Class<?> type) {
    if (type == Boolean.class) {
      return "boolean";
    }
    if (type == Integer.class || type == Long.class) {
      return "integer";
    }
    if (Number.class.isAssignableFrom(type)) {
      return "number";
    }
    return type.isEnum() ? "choice" : "text";
  }

  private static JsonObject colormap(Colormap colormap) {
    byte[] colours = new byte[COLOURS * 3];
    for (int i = 0; i < colours.length; i++) {
      colours[i] = (byte) Math.round(colormap.intensity(i / 3, i % 3));
    }
    JsonObject json = new JsonObject();
    json.addProperty("name", colormap.name().toLowerCase(Locale.ROOT));
    json.addProperty("diverging", colormap.isDiverging());
    json.addProperty("colours", Base64.getEncoder().encodeToString(colours));
    return json;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
