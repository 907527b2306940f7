package org.aucmedi.xai.server;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer.
 *
 * @param status the status of HTTP
 * @param type the type of the content
 * @param body the content; empty for status 204
 * @param headers further headers
 */
record Reply(int status, String type, byte[] body, Map<String, String> headers) {

  static final String JSON = "application/json";

  private static final Gson GSON = new Gson();

  static Reply ok(String type, byte[] body) {
    return new Reply(200, type, body, Map.of());
  }

  static Reply json(JsonElement value) {
    return ok(JSON, bytes(value));
  }

  static Reply nothing() {
    return new Reply(204, JSON, new byte[0], Map.of());
  }

  static Reply of(HttpError error) {
    JsonObject body = new JsonObject();
    body.addProperty("status", error.status());
    body.addProperty("error", error.reason());
    return new Reply(error.status(), JSON, bytes(body), error.headers());
  }

  /** Returns a number; JSON has no NaN and no infinity, which become strings. */
  static JsonPrimitive number(double value) {
    return Double.isFinite(value)
        ? new JsonPrimitive(value)
        : new JsonPrimitive(Double.toString(value));
  }

  /** Returns a number with the digits of a float. */
  static JsonPrimitive number(float value) {
    return Float.isFinite(value)
        ? new JsonPrimitive(value)
        : new JsonPrimitive(Float.toString(value));
  }

  private static byte[] bytes(JsonElement value) {
    return GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
  }
}
