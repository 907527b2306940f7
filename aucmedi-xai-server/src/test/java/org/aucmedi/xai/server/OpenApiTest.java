package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.aucmedi.xai.server.TestServer.json;
import static org.aucmedi.xai.server.TestServer.picture;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The OpenAPI file says what the server does, all of it and nothing else. */
final class OpenApiTest {

  private static final Path FILE = Path.of("../docs/openapi.yaml");

  private static JsonObject api;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    try (Reader in = Files.newBufferedReader(FILE)) {
      Object yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
      api = new Gson().toJsonTree(yaml).getAsJsonObject();
    }
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void routes_andParameters_areThoseOfTheServer() {
    Set<String> documented = new TreeSet<>();
    JsonObject paths = api.getAsJsonObject("paths");
    for (String path : paths.keySet()) {
      for (String method : paths.getAsJsonObject(path).keySet()) {
        if (method.equals("parameters")) {
          continue;
        }
        JsonObject operation = paths.getAsJsonObject(path).getAsJsonObject(method);
        Set<String> names = new TreeSet<>();
        if (operation.has("parameters")) {
          for (JsonElement parameter : operation.getAsJsonArray("parameters")) {
            names.add(parameter.getAsJsonObject().get("name").getAsString());
          }
        }
        documented.add(
            method.toUpperCase(Locale.ROOT)
                + " "
                + path
                + " "
                + names
                + (operation.has("security") ? " open" : ""));
      }
    }
    Set<String> served = new TreeSet<>();
    for (Route route : server.server().routes()) {
      Set<String> names = new TreeSet<>();
      for (String name : route.parameters()) {
        names.add(name.equals(Query.OPTION) ? "option.NAME" : name);
      }
      served.add(route.method() + " " + route.path() + " " + names + (route.open() ? " open" : ""));
    }
    assertThat(documented).isEqualTo(served);
  }

  @Test
  void answers_fitTheirSchemas() {
    check(server.get("health"), "Health");
    check(server.get("methods"), "Methods");
    check(server.get("layers"), "Layers");
    check(server.explain("method=saliency&format=json", picture()), "Explanation");
    check(
        server.explain("method=integratedgradients&format=json&class=above9e9", picture()),
        "Explanation");
    check(server.explain("method=none", picture()), "Error");
    check(server.get("jobs/12345678"), "Error");
  }

  private static void check(HttpResponse<byte[]> response, String schema) {
    fits(json(response), schema(schema), schema);
  }

  private static JsonObject schema(String name) {
    return api.getAsJsonObject("components").getAsJsonObject("schemas").getAsJsonObject(name);
  }

  private static void fits(JsonElement value, JsonObject given, String where) {
    JsonObject schema = given;
    if (given.has("$ref")) {
      String reference = given.get("$ref").getAsString();
      schema = schema(reference.substring(reference.lastIndexOf('/') + 1));
    }
    String type = schema.get("type").toString();
    if (value.isJsonObject()) {
      assertThat(type).as(where).isEqualTo("\"object\"");
      JsonObject object = value.getAsJsonObject();
      if (schema.has("required")) {
        for (JsonElement name : schema.getAsJsonArray("required")) {
          assertThat(object.keySet()).as(where).contains(name.getAsString());
        }
      }
      if (schema.has("properties")) {
        JsonObject properties = schema.getAsJsonObject("properties");
        assertThat(properties.keySet()).as(where).containsAll(object.keySet());
        for (String name : object.keySet()) {
          fits(object.get(name), properties.getAsJsonObject(name), where + "." + name);
        }
      }
    } else if (value.isJsonArray()) {
      assertThat(type).as(where).isEqualTo("\"array\"");
      for (JsonElement each : value.getAsJsonArray()) {
        fits(each, schema.getAsJsonObject("items"), where + "[]");
      }
    } else {
      String kind =
          value.getAsJsonPrimitive().isString()
              ? "string"
              : value.getAsJsonPrimitive().isBoolean() ? "boolean" : "number|integer";
      assertThat(type).as(where).containsPattern(kind);
      if (schema.has("enum")) {
        assertThat(schema.getAsJsonArray("enum").contains(value)).as(where).isTrue();
      }
    }
  }
}
