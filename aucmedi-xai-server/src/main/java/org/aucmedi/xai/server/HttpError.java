package org.aucmedi.xai.server;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/** A request that is answered with a status of 400 or more, and why. */
final class HttpError extends RuntimeException {

  private static final long serialVersionUID = 1;

  static final int BAD_REQUEST = 400;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int NOT_ALLOWED = 405;
  static final int TIMEOUT = 408;
  static final int CONFLICT = 409;
  static final int LENGTH_REQUIRED = 411;
  static final int TOO_LARGE = 413;
  static final int UNPROCESSABLE = 422;
  static final int INTERNAL = 500;
  static final int UNAVAILABLE = 503;

  private final int status;
  private final ImmutableMap<String, String> headers;

  HttpError(int status, String reason) {
    this(status, reason, Map.of());
  }

  HttpError(int status, String reason, Map<String, String> headers) {
    super(reason, null, false, false);
    this.status = status;
    this.headers = ImmutableMap.copyOf(headers);
  }

  /** Returns the refusal of a server that has too much to do. */
  static HttpError busy(String reason) {
    return new HttpError(UNAVAILABLE, reason, Map.of("Retry-After", "2"));
  }

  int status() {
    return status;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  ImmutableMap<String, String> headers() {
    return headers;
  }
}
