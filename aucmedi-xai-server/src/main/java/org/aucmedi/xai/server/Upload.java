package org.aucmedi.xai.server;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import org.aucmedi.xai.imaging.ImageLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An image that a client has sent, as a file in a folder of its own, which is deleted on close.
 *
 * <p>What it is called on the client's side never becomes a path. Only its extension counts, if it
 * is one that is known, since some formats are recognised by nothing else.
 */
final class Upload implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(Upload.class);

  /** What people see instead of the file's path. */
  private static final String SHOWN = "the image";

  private final Path folder;
  private final Path file;

  private Upload(Path folder, Path file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Reads the body of a request.
   *
   * @param parent a folder that only this user can open
   * @param limit how many bytes the body may have
   * @param name what the client calls the image; empty if it does not say
   * @throws HttpError if the body is too long, empty, or a form without an image
   */
  static Upload receive(HttpExchange exchange, Path parent, long limit, String name)
      throws IOException {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    // The JDK's server has checked that it is a number.
    if (length != null && Long.parseLong(length.strip()) > limit) {
      throw LimitedStream.tooLong(limit);
    }
    Path folder = Files.createTempDirectory(parent, "upload");
    Path body = folder.resolve("body");
    try {
      String clientName = name;
      String type =
          Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Content-Type"), "");
      InputStream in = new LimitedStream(exchange.getRequestBody(), limit);
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(body))) {
        if (Multipart.isOne(type)) {
          String given = Multipart.copyImage(type, in, out);
          clientName = clientName.isEmpty() ? given : clientName;
          // What follows the image does not matter, but has to be read.
          in.transferTo(OutputStream.nullOutputStream());
        } else {
          in.transferTo(out);
        }
      }
      if (Files.size(body) == 0) {
        throw new HttpError(
            HttpError.BAD_REQUEST,
            "the request has no image; send it as the body, or as the field 'image' of a form");
      }
      Path file = folder.resolve("image" + extension(clientName));
      Files.move(body, file);
      return new Upload(folder, file);
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  /** A known extension with its dot, or nothing. */
  private static String extension(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    return ImageLoader.extensions().stream()
        .filter(known -> folded.endsWith("." + known))
        .max(Comparator.comparingInt(String::length))
        .map(known -> "." + known)
        .orElse("");
  }

  Path file() {
    return file;
  }

  /** A folder for what is made of it. */
  Path output() {
    return folder.resolve("out");
  }

  /** A message without the paths of this machine. */
  String shown(String message) {
    return message
        .replace(file.toString(), SHOWN)
        .replace(folder.toString(), "the server's temporary folder")
        .replace(
            "its extension '' is none of",
            "it is of no format that shows in its content, and its name ends in none of");
  }

  @Override
  public void close() {
    delete(folder);
  }

  static void delete(Path folder) {
    try {
      if (Files.exists(folder)) {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } catch (IOException e) {
      logger.warn("cannot delete the temporary folder {}: {}", folder, e.toString());
    }
  }
}
