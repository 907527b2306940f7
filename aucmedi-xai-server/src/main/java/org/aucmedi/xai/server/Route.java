package org.aucmedi.xai.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;

/**
 * What a server answers.
 *
 * @param method the method of HTTP
 * @param path the path; one that ends in {@code /{id}} takes any name there
 * @param parameters the names in its query, without the token
 * @param open whether it needs no token
 * @param handler makes the answer
 */
record Route(String method, String path, List<String> parameters, boolean open, Handler handler) {

  private static final String ID = "/{id}";

  /** Makes an answer. */
  @FunctionalInterface
  interface Handler {

    /**
     * Answers a request.
     *
     * @param id what the path has in the place of {@code {id}}; empty if it has none
     */
    Reply answer(HttpExchange exchange, Query query, String id) throws IOException;
  }

  /** Whether a path is this one. */
  boolean leadsTo(String raw) {
    return path.equals(raw) || (path.endsWith(ID) && Jobs.ID.matcher(id(raw)).matches());
  }

  /** What a path has in the place of {@code {id}}; empty if it has none. */
  String id(String raw) {
    String start = path.substring(0, Math.max(0, path.length() - ID.length() + 1));
    return path.endsWith(ID) && raw.startsWith(start) ? raw.substring(start.length()) : "";
  }
}
