package org.aucmedi.xai.server;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.common.io.BaseEncoding;
import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may ask.
 *
 * <p>A page of another origin cannot read the token. The checks of Host and Origin keep it from
 * trying: a name that an attacker lets point here (DNS rebinding) is none of the host's names.
 */
final class Guard {

  private static final Logger logger = LoggerFactory.getLogger(Guard.class);
  private static final int HTTP = 80;
  private static final int TOKEN_BYTES = 24;
  private static final String BEARER = "bearer ";
  private static final Set<String> LOOPBACK = ImmutableSet.of("127.0.0.1", "localhost", "[::1]");

  private final String token;
  private final ImmutableSet<String> hosts;

  /** Makes a guard with a new token of 192 random bits. */
  Guard(String host, int port) {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    token = BaseEncoding.base64Url().omitPadding().encode(random);
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    for (String name : Sets.union(LOOPBACK, names(host))) {
      String folded = inUrl(name).toLowerCase(Locale.ROOT);
      names.add(folded + ":" + port);
      if (port == HTTP) {
        names.add(folded);
      }
    }
    hosts = names.build();
  }

  /** The names of an address; of one that stands for all of this machine, those of each. */
  private static Set<String> names(String host) {
    Set<String> names = new HashSet<>();
    names.add(host);
    try {
      if (new InetSocketAddress(host, 0).getAddress().isAnyLocalAddress()) {
        names.add(InetAddress.getLocalHost().getHostName());
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .forEach(address -> names.add(address.getHostAddress().replaceFirst("%.*", "")));
      }
    } catch (IOException e) {
      logger.warn("cannot list the names of this machine: {}", e.toString());
    }
    return names;
  }

  /** Returns an address as a URL has it: of version 6 in brackets. */
  static String inUrl(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  String token() {
    return token;
  }

  /** Refuses a request that names another host, or comes from a page of one. */
  void checkOrigin(Headers headers) {
    String host = only(headers, "Host");
    if (host == null || !hosts.contains(host.toLowerCase(Locale.ROOT))) {
      throw new HttpError(
          HttpError.FORBIDDEN,
          "this server is not '"
              + (host == null ? "" : host)
              + "'; open the address that it printed, or start it with --host");
    }
    String origin = only(headers, "Origin");
    if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
      throw new HttpError(
          HttpError.FORBIDDEN, "pages of '" + origin + "' may not use this server; open its own");
    }
    String site = only(headers, "Sec-Fetch-Site");
    // A link on another page may lead here: the page that opens has nothing without the token.
    boolean followed = "navigate".equals(only(headers, "Sec-Fetch-Mode"));
    if (site != null && !site.equals("same-origin") && !site.equals("none") && !followed) {
      throw new HttpError(
          HttpError.FORBIDDEN, "pages of other sites may not use this server; open its own");
    }
  }

  /** Refuses a request without the token. */
  void checkToken(Headers headers, Map<String, String> query) {
    if (!knows(headers, query)) {
      throw new HttpError(
          HttpError.UNAUTHORIZED,
          "the token is missing or wrong; open the address that the server printed when it started,"
              + " or send 'Authorization: Bearer TOKEN'",
          Map.of("WWW-Authenticate", "Bearer"));
    }
  }

  /** Whether a request has the token. */
  boolean knows(Headers headers, Map<String, String> query) {
    String authorization = only(headers, "Authorization");
    String given =
        authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
            ? authorization.substring(BEARER.length()).strip()
            : query.getOrDefault("token", "");
    // In constant time, whatever the length.
    return MessageDigest.isEqual(bytes(token), bytes(given));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String only(Headers headers, String name) {
    List<String> values = headers.get(name);
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new HttpError(HttpError.BAD_REQUEST, "the header " + name + " is there twice");
    }
    return values.get(0);
  }
}
