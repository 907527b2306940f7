package org.aucmedi.xai.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chromium without a window, driven by the chromedriver of this machine through W3C's WebDriver
 * protocol. Nothing is installed or downloaded.
 */
public final class Browser implements AutoCloseable {

  private static final Gson GSON = new Gson();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

  private final Process driver;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String driverUrl;
  private final String session;

  private Browser(Process driver, int port, Path chromium, boolean dark, List<String> more) {
    this.driver = driver;
    driverUrl = "http://127.0.0.1:" + port;
    JsonObject options = new JsonObject();
    options.addProperty("binary", chromium.toString());
    JsonArray arguments = new JsonArray();
    Stream.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--window-size=1360,980",
            "--force-color-profile=srgb",
            dark ? "--force-dark-mode" : "--disable-extensions")
        .forEach(arguments::add);
    more.forEach(arguments::add);
    options.add("args", arguments);
    JsonObject logs = new JsonObject();
    logs.addProperty("browser", "ALL");
    logs.addProperty("performance", "ALL");
    JsonObject wanted = new JsonObject();
    wanted.addProperty("browserName", "chrome");
    wanted.add("goog:chromeOptions", options);
    wanted.add("goog:loggingPrefs", logs);
    JsonObject made =
        post("/session", Map.of("capabilities", Map.of("alwaysMatch", wanted))).getAsJsonObject();
    session = "/session/" + made.get("sessionId").getAsString();
  }

  /** {@return a browser, or nothing where this machine has no Chromium or no driver} */
  public static Optional<Browser> start() {
    return start(false);
  }

  /**
   * {@return a browser, or nothing where this machine has no Chromium or no driver}
   *
   * @param dark whether the system prefers dark pages
   * @param more further arguments of Chromium
   */
  public static Optional<Browser> start(boolean dark, String... more) {
    Optional<Path> chromium = find("chromium", "chromium-browser", "google-chrome");
    Optional<Path> chromedriver = find("chromedriver");
    if (chromium.isEmpty() || chromedriver.isEmpty()) {
      return Optional.empty();
    }
    try {
      Process driver =
          new ProcessBuilder(chromedriver.get().toString(), "--port=0")
              .redirectErrorStream(true)
              .start();
      return Optional.of(new Browser(driver, port(driver), chromium.get(), dark, List.of(more)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> find(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int port(Process driver) throws IOException {
    BufferedReader output =
        new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
    for (String line; (line = output.readLine()) != null; ) {
      Matcher port = PORT.matcher(line);
      if (port.find()) {
        return Integer.parseInt(port.group(1));
      }
    }
    throw new IOException("chromedriver has not started");
  }

  public void open(String url) {
    post(session + "/url", Map.of("url", url));
  }

  public void resize(int width, int height) {
    post(session + "/window/rect", Map.of("width", width, "height", height));
  }

  /** {@return what a script returns} */
  public JsonElement run(String script) {
    return post(session + "/execute/sync", Map.of("script", script, "args", List.of()));
  }

  public String text(String expression) {
    return run("return String(" + expression + ")").getAsString();
  }

  public double number(String expression) {
    return run("return Number(" + expression + ")").getAsDouble();
  }

  /** Waits until an expression is true. */
  public void await(String condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!run("return Boolean(" + condition + ")").getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + condition);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** Clicks in the middle of an element as a user does. */
  public void click(String selector) {
    post(session + "/element/" + element(selector) + "/click", Map.of());
  }

  /** Types into an element; keys such as the arrows are WebDriver's characters. */
  public void type(String selector, String keys) {
    post(session + "/element/" + element(selector) + "/value", Map.of("text", keys));
  }

  /** Presses and releases keys, wherever the focus is. */
  public void press(String keys) {
    List<Object> actions = new ArrayList<>();
    keys.codePoints()
        .mapToObj(Character::toString)
        .forEach(
            key -> {
              actions.add(Map.of("type", "keyDown", "value", key));
              actions.add(Map.of("type", "keyUp", "value", key));
            });
    act(Map.of("type", "key", "id", "keyboard", "actions", actions));
  }

  /** Moves the pointer to a place of the window, in pixels of CSS, and clicks there if wanted. */
  public void point(double x, double y, boolean click) {
    List<Object> actions = new ArrayList<>();
    actions.add(
        Map.of("type", "pointerMove", "duration", 0, "x", Math.round(x), "y", Math.round(y)));
    if (click) {
      actions.add(Map.of("type", "pointerDown", "button", 0));
      actions.add(Map.of("type", "pointerUp", "button", 0));
    }
    act(
        Map.of(
            "type",
            "pointer",
            "id",
            "mouse",
            "parameters",
            Map.of("pointerType", "mouse"),
            "actions",
            actions));
  }

  /** Drags files over a place of the window and drops them there, as from a file manager. */
  public void drop(double x, double y, Path... files) {
    Map<String, Object> data =
        Map.of(
            "items",
            List.of(),
            "files",
            Stream.of(files).map(Path::toString).toList(),
            "dragOperationsMask",
            1);
    for (String type : List.of("dragEnter", "dragOver", "drop")) {
      devTools(
          "Input.dispatchDragEvent",
          Map.of("type", type, "x", Math.round(x), "y", Math.round(y), "data", data));
    }
  }

  /** Shows pages as they are on "screen" or in "print". */
  public void media(String name) {
    devTools("Emulation.setEmulatedMedia", Map.of("media", name));
  }

  /** {@return the page as a PDF} */
  public byte[] print() {
    return Base64.getDecoder()
        .decode(post(session + "/print", Map.of("background", false)).getAsString());
  }

  private void devTools(String command, Map<String, Object> parameters) {
    post(session + "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  private void act(Map<String, Object> source) {
    post(session + "/actions", Map.of("actions", List.of(source)));
  }

  private String element(String selector) {
    return post(session + "/element", Map.of("using", "css selector", "value", selector))
        .getAsJsonObject()
        .entrySet()
        .iterator()
        .next()
        .getValue()
        .getAsString();
  }

  public byte[] screenshot() {
    return Base64.getDecoder().decode(request("GET", session + "/screenshot", "").getAsString());
  }

  /** {@return the messages of the console since the last call, errors and all} */
  public List<String> console() {
    return log("browser").stream().map(entry -> entry.get("message").getAsString()).toList();
  }

  /** {@return the addresses that were asked for since the last call} */
  public List<String> requests() {
    return log("performance").stream()
        .map(
            entry ->
                JsonParser.parseString(entry.get("message").getAsString())
                    .getAsJsonObject()
                    .getAsJsonObject("message"))
        .filter(message -> message.get("method").getAsString().equals("Network.requestWillBeSent"))
        .map(
            message ->
                message
                    .getAsJsonObject("params")
                    .getAsJsonObject("request")
                    .get("url")
                    .getAsString())
        .toList();
  }

  private List<JsonObject> log(String type) {
    return post(session + "/se/log", Map.of("type", type)).getAsJsonArray().asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private JsonElement post(String path, Object body) {
    return request("POST", path, GSON.toJson(body));
  }

  private JsonElement request(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(driverUrl + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      JsonElement value = JsonParser.parseString(answer).getAsJsonObject().get("value");
      if (value.isJsonObject() && value.getAsJsonObject().has("error")) {
        throw new AssertionError(method + " " + path + ": " + value);
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      request("DELETE", session, "");
    } finally {
      driver.destroy();
    }
  }
}
