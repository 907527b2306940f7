package org.aucmedi.xai.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the field {@code image} of a form, as browsers and curl send it (RFC 7578). */
final class Multipart {

  private static final int LONGEST_LINE = 4096;
  private static final int MOST_LINES = 32;
  private static final int LONGEST_BOUNDARY = 70;
  private static final Pattern BOUNDARY =
      Pattern.compile("boundary=(?:\"([^\"]+)\"|([^;\\s]+))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME =
      Pattern.compile("[;\\s]name=\"image\"", Pattern.CASE_INSENSITIVE);
  private static final Pattern FILE_NAME =
      Pattern.compile("[;\\s]filename=\"([^\"]*)\"", Pattern.CASE_INSENSITIVE);

  private final BufferedInputStream in;
  private final byte[] delimiter;

  private Multipart(InputStream in, String boundary) {
    this.in = new BufferedInputStream(in);
    delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether a body is a form. */
  static boolean isOne(String contentType) {
    return contentType.toLowerCase(Locale.ROOT).startsWith("multipart/");
  }

  /**
   * Copies the field.
   *
   * @param target where its content goes
   * @return the name of the file, as the client says; empty if it says none
   * @throws HttpError if there is no such field, or this is no form
   */
  static String copyImage(String contentType, InputStream body, OutputStream target)
      throws IOException {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      throw refusal("its Content-Type names no boundary");
    }
    String text = Optional.ofNullable(boundary.group(1)).orElseGet(() -> boundary.group(2));
    if (text.length() > LONGEST_BOUNDARY) {
      throw refusal("its boundary is too long");
    }
    Multipart form = new Multipart(body, text);
    // What comes before the first part does not count.
    if (!form.line().equals("--" + text)) {
      throw refusal("it does not begin with its boundary");
    }
    do {
      String head = form.head();
      if (NAME.matcher(head).find()) {
        form.copyPart(target);
        Matcher name = FILE_NAME.matcher(head);
        return name.find() ? name.group(1) : "";
      }
      form.copyPart(OutputStream.nullOutputStream());
    } while (form.hasNext());
    throw refusal("it has no field 'image'");
  }

  private static HttpError refusal(String reason) {
    return new HttpError(
        HttpError.BAD_REQUEST,
        "the form cannot be read: "
            + reason
            + "; send the image as the field 'image', or as the body itself");
  }

  /** The lines before a part's content, each after a semicolon. */
  private String head() throws IOException {
    StringBuilder head = new StringBuilder();
    for (int lines = 0; lines < MOST_LINES; lines++) {
      String line = line();
      if (line.isEmpty()) {
        return head.toString();
      }
      if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
        head.append(';').append(line);
      }
    }
    throw refusal("a part has too many headers");
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int value = in.read(); value != '\n'; value = in.read()) {
      if (value < 0) {
        throw refusal("it ends early");
      }
      if (line.size() == LONGEST_LINE) {
        throw refusal("a line is too long");
      }
      line.write(value);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /** Copies up to the next delimiter, and goes past it. */
  private void copyPart(OutputStream target) throws IOException {
    int matched = 0;
    for (int value = in.read(); value >= 0; value = in.read()) {
      if (value == (delimiter[matched] & 0xff)) {
        if (++matched == delimiter.length) {
          return;
        }
      } else {
        // A carriage return is the first character only, so a match starts over with this one.
        target.write(delimiter, 0, matched);
        matched = value == '\r' ? 1 : 0;
        if (matched == 0) {
          target.write(value);
        }
      }
    }
    throw refusal("it ends early");
  }

  /** Whether another part follows the delimiter. */
  private boolean hasNext() throws IOException {
    return line().isEmpty();
  }
}
