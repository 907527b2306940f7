package org.aucmedi.xai.server;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.aucmedi.xai.Version;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.UnsupportedModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web page and an HTTP API that explain images with one model.
 *
 * <pre>{@code
 * try (ExplainServer server = ExplainServer.start(settings, served, new XAIMethodRegistry())) {
 *   System.out.println("open " + server.uri());
 *   Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p>Who has the token of {@link #uri()} may use it. There is no TLS. Requests wait in the order in
 * which they come for one of the copies of the model. Thread-safe.
 */
public final class ExplainServer implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(ExplainServer.class);
  private static final long LOOK_MILLISECONDS = 20;
  private static final long CANCEL_MILLISECONDS = 5_000;

  private final ServerSettings settings;
  private final Served served;
  private final XAIMethodRegistry registry;
  private final ModelPool pool;
  private final Jobs jobs;
  private final Explanation explanation;
  private final Connections connections;
  private final Replies replies;
  private final HttpServer http;
  private final Guard guard;
  private final Path uploads;
  private final List<Route> routes;
  private final AtomicInteger active = new AtomicInteger();
  private volatile boolean stopping;

  private ExplainServer(
      ServerSettings settings, Served served, XAIMethodRegistry registry, HttpServer http)
      throws IOException {
    this.settings = settings;
    this.served = served;
    this.registry = registry;
    this.http = http;
    pool = new ModelPool(served.models(), settings.queue());
    jobs = new Jobs(pool);
    explanation = new Explanation(served, registry, settings.maxPixels());
    connections = new Connections(settings.connections(), settings.headTime());
    replies = new Replies(connections);
    guard = new Guard(settings.host(), http.getAddress().getPort());
    // Only this user can open it.
    uploads = Files.createTempDirectory("aucmedi-xai-serve");
    routes = routes();
  }

  /**
   * Starts a server.
   *
   * @param settings how it listens
   * @param served the model, which the server closes, even if this call fails
   * @param registry the methods
   * @return the server, which listens
   * @throws XAIException if it cannot listen there
   */
  public static ExplainServer start(
      ServerSettings settings, Served served, XAIMethodRegistry registry) {
    HttpServer http = null;
    try {
      InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
      if (address.isUnresolved()) {
        throw new IOException("there is no such address");
      }
      http = HttpServer.create(address, settings.connections());
      ExplainServer server = new ExplainServer(settings, served, registry, http);
      http.setExecutor(server.connections);
      http.createContext("/", server::handle);
      http.start();
      return server;
    } catch (IOException | RuntimeException e) {
      served.models().forEach(ExplainableModel::close);
      if (http != null) {
        http.stop(0);
      }
      if (e instanceof RuntimeException failure) {
        throw failure;
      }
      throw new XAIException(
          "cannot listen on "
              + Guard.inUrl(settings.host())
              + ":"
              + settings.port()
              + ": "
              + e.getMessage()
              + "; choose another --port, 0 for any that is free, or another --host",
          e);
    }
  }

  /** {@return the address of the page, with the token} */
  public URI uri() {
    return URI.create(address() + "#token=" + guard.token());
  }

  /** The folder of the images that are being explained. */
  Path uploads() {
    return uploads;
  }

  /** {@return the address of the API, which ends in a slash} */
  public URI address() {
    return URI.create(
        "http://" + Guard.inUrl(settings.host()) + ":" + http.getAddress().getPort() + "/");
  }

  /** {@return what the API wants as {@code Authorization: Bearer}} */
  public String token() {
    return guard.token();
  }

  /** What it answers. */
  static List<String> paths(List<Route> routes) {
    return routes.stream().map(Route::path).distinct().toList();
  }

  List<Route> routes() {
    List<Route> all = new ArrayList<>();
    for (Page.Item item : Page.ITEMS) {
      all.add(
          new Route("GET", item.path(), List.of(), true, (exchange, query, id) -> item.reply()));
    }
    all.add(
        new Route(
            "GET",
            "/health",
            List.of(),
            true,
            (exchange, query, id) ->
                Reply.json(health(guard.knows(exchange.getRequestHeaders(), query.values())))));
    all.add(
        new Route(
            "GET",
            "/methods",
            List.of(),
            false,
            (exchange, query, id) ->
                Reply.json(
                    new MethodsJson(registry, pool.any().capabilities())
                        .of(served.classNames(), served.drawing()))));
    all.add(
        new Route(
            "GET",
            "/layers",
            List.of("input"),
            false,
            (exchange, query, id) -> layers(exchange, query)));
    all.add(
        new Route(
            "POST",
            "/explain",
            ExplainRequest.PARAMETERS,
            false,
            (exchange, query, id) -> explain(exchange, query)));
    all.add(
        new Route(
            "GET", "/jobs/{id}", List.of(), false, (exchange, query, id) -> jobs.progress(id)));
    all.add(
        new Route(
            "DELETE", "/jobs/{id}", List.of(), false, (exchange, query, id) -> jobs.cancel(id)));
    return List.copyOf(all);
  }

  private void handle(HttpExchange exchange) throws IOException {
    active.incrementAndGet();
    try {
      connections.allow(settings.bodyTime());
      Reply reply;
      try {
        reply = answer(exchange);
      } catch (HttpError e) {
        reply = Reply.of(e);
      } catch (CancellationException e) {
        reply = Reply.of(new HttpError(HttpError.CONFLICT, String.valueOf(e.getMessage())));
      } catch (RuntimeException | Error e) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        logger.error("request {} failed", id, e);
        reply =
            Reply.of(
                new HttpError(
                    HttpError.INTERNAL,
                    "something went wrong that should not; the server's log has it under " + id));
      }
      replies.send(exchange, reply, stopping);
    } finally {
      exchange.close();
      active.decrementAndGet();
    }
  }

  private Reply answer(HttpExchange exchange) throws IOException {
    guard.checkOrigin(exchange.getRequestHeaders());
    if (connections.isSpare()) {
      throw HttpError.busy("too many connections are open; try again in some seconds");
    }
    if (stopping) {
      throw HttpError.busy("the server stops");
    }
    URI uri = exchange.getRequestURI();
    String path = String.valueOf(uri.getRawPath());
    List<Route> there = routes.stream().filter(route -> route.leadsTo(path)).toList();
    if (there.isEmpty()) {
      throw new HttpError(
          HttpError.NOT_FOUND,
          "there is nothing at this address; the API has "
              + String.join(", ", paths(routes.stream().filter(each -> !each.open()).toList()))
              + " and /health");
    }
    Route route =
        there.stream()
            .filter(each -> each.method().equals(exchange.getRequestMethod()))
            .findFirst()
            .orElseThrow(
                () -> {
                  String allowed =
                      there.stream().map(Route::method).collect(Collectors.joining(", "));
                  return new HttpError(
                      HttpError.NOT_ALLOWED,
                      "this address takes " + allowed,
                      Map.of("Allow", allowed));
                });
    Query query = Query.parse(uri.getRawQuery());
    if (!route.open()) {
      guard.checkToken(exchange.getRequestHeaders(), query.values());
    }
    query.checkNames(route.parameters());
    return route.handler().answer(exchange, query, route.id(path));
  }

  private JsonObject health(boolean known) {
    JsonObject json = new JsonObject();
    json.addProperty("status", "ok");
    json.addProperty("version", Version.CURRENT);
    if (known) {
      json.addProperty("model", served.name());
      json.addProperty("engine", pool.any().engineName());
      json.addProperty("copies", pool.size());
      json.addProperty("busy", pool.busy());
      json.addProperty("waiting", pool.waiting());
      json.addProperty("maxBody", settings.maxBody());
      json.addProperty("maxPixels", settings.maxPixels());
    }
    return json;
  }

  private Reply layers(HttpExchange exchange, Query query) {
    var image = query.read("input", LayersJson::image);
    Job job = jobs.begin(null, ClientConnection.of(exchange));
    try {
      connections.allowAnyTime();
      return Reply.json(pool.use(job, model -> LayersJson.of(model, registry, image)));
    } catch (UnsupportedModelException e) {
      return Reply.json(LayersJson.none());
    } catch (XAIException e) {
      throw new HttpError(HttpError.UNPROCESSABLE, String.valueOf(e.getMessage()));
    } finally {
      jobs.end(null, job);
    }
  }

  private Reply explain(HttpExchange exchange, Query query) throws IOException {
    ExplainRequest request = ExplainRequest.of(query, served, registry);
    Job job = jobs.begin(request.job(), ClientConnection.of(exchange));
    try (Upload upload = Upload.receive(exchange, uploads, settings.maxBody(), request.name())) {
      connections.allowAnyTime();
      return pool.use(job, model -> explanation.explain(request, upload, job, model));
    } finally {
      jobs.end(request.job(), job);
    }
  }

  /**
   * Stops: takes no more requests, waits for those in progress as long as the settings say, cancels
   * what is left, and closes the models. Closing again does nothing.
   */
  @Override
  public synchronized void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    await(settings.grace().toMillis());
    jobs.cancelAll();
    await(CANCEL_MILLISECONDS);
    http.stop(0);
    connections.close();
    pool.close();
    Upload.delete(uploads);
  }

  private void await(long milliseconds) {
    long end = System.nanoTime() + milliseconds * 1_000_000;
    try {
      while (active.get() > 0 && System.nanoTime() < end) {
        Thread.sleep(LOOK_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
