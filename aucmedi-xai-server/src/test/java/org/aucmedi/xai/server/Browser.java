package org.aucmedi.xai.server;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chromium without a window, driven by chromedriver over its own protocol (W3C WebDriver). */
final class Browser implements AutoCloseable {

  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Pattern PORT = Pattern.compile("successfully on port (\\d+)");
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process driver;
  private final URI session;

  Browser(Path profile, boolean dark) throws IOException {
    driver = new ProcessBuilder(DRIVER.toString(), "--port=0").redirectErrorStream(true).start();
    BufferedReader output = driver.inputReader();
    Matcher port = PORT.matcher("");
    while (!port.find()) {
      String line = output.readLine();
      if (line == null) {
        throw new IOException("chromedriver does not start");
      }
      port.reset(line);
    }
    URI root = URI.create("http://127.0.0.1:" + port.group(1) + "/session");
    JsonObject options = new JsonObject();
    options.addProperty("binary", CHROMIUM.toString());
    JsonArray arguments = new JsonArray();
    List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1200,1200",
            "--user-data-dir=" + profile)
        .forEach(arguments::add);
    if (dark) {
      arguments.add("--force-dark-mode");
    }
    options.add("args", arguments);
    JsonObject logs = new JsonObject();
    logs.addProperty("browser", "ALL");
    logs.addProperty("performance", "ALL");
    JsonObject always = new JsonObject();
    always.add("goog:chromeOptions", options);
    always.add("goog:loggingPrefs", logs);
    JsonObject capabilities = new JsonObject();
    capabilities.add("alwaysMatch", always);
    JsonObject body = new JsonObject();
    body.add("capabilities", capabilities);
    String id = call(root, "POST", body).getAsJsonObject().get("sessionId").getAsString();
    session = URI.create(root + "/" + id);
  }

  /** Whether this machine has Chromium and its driver. */
  static boolean isThere() {
    return Files.isExecutable(DRIVER) && Files.isExecutable(CHROMIUM);
  }

  void open(URI page) {
    JsonObject body = new JsonObject();
    body.addProperty("url", page.toString());
    post("/url", body);
  }

  /** Runs the body of a function, whose result becomes text. */
  String run(String script) {
    JsonObject body = new JsonObject();
    body.addProperty("script", script);
    body.add("args", new JsonArray());
    JsonElement value = post("/execute/sync", body);
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /** Waits until an expression is true. */
  void await(String expression) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!run("return Boolean(" + expression + ")").equals("true")) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "never true: "
                + expression
                + "; the page says: "
                + run("return document.body.innerText"));
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Types into an element; into an input of files, their paths. */
  void type(String selector, String text) {
    JsonObject find = new JsonObject();
    find.addProperty("using", "css selector");
    find.addProperty("value", selector);
    String element = post("/element", find).getAsJsonObject().get(ELEMENT).getAsString();
    JsonObject body = new JsonObject();
    body.addProperty("text", text);
    post("/element/" + element + "/value", body);
  }

  byte[] screenshot() {
    return Base64.getDecoder()
        .decode(call(URI.create(session + "/screenshot"), "GET", null).getAsString());
  }

  /** What the page has written to its console. */
  List<String> console() {
    List<String> messages = new ArrayList<>();
    for (JsonElement entry : log("browser")) {
      messages.add(entry.getAsJsonObject().get("message").getAsString());
    }
    return messages;
  }

  /** The addresses that pages have asked for. */
  List<String> requests() {
    List<String> addresses = new ArrayList<>();
    for (JsonElement entry : log("performance")) {
      JsonObject message =
          JsonParser.parseString(entry.getAsJsonObject().get("message").getAsString())
              .getAsJsonObject()
              .getAsJsonObject("message");
      if (message.get("method").getAsString().equals("Network.requestWillBeSent")) {
        String address =
            message.getAsJsonObject("params").getAsJsonObject("request").get("url").getAsString();
        // The browser's own first page.
        if (!address.startsWith("chrome:")) {
          addresses.add(address);
        }
      }
    }
    return addresses;
  }

  private JsonArray log(String type) {
    JsonObject body = new JsonObject();
    body.addProperty("type", type);
    return post("/se/log", body).getAsJsonArray();
  }

  private JsonElement post(String path, JsonObject body) {
    return call(URI.create(session + path), "POST", body);
  }

  private JsonElement call(
      URI uri, String method, @org.jspecify.annotations.Nullable JsonObject body) {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .method(
                method,
                body == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(new Gson().toJson(body)))
            .header("Content-Type", "application/json")
            .build();
    try {
      String answer = client.send(request, BodyHandlers.ofString()).body();
      JsonElement value = JsonParser.parseString(answer).getAsJsonObject().get("value");
      if (value.isJsonObject() && value.getAsJsonObject().has("error")) {
        throw new AssertionError(value.getAsJsonObject().get("message").getAsString());
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      call(session, "DELETE", null);
    } finally {
      driver.destroy();
    }
  }
}
