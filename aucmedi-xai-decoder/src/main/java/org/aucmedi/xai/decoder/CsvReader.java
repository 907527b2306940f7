package org.aucmedi.xai.decoder;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads RFC 4180, with line ends of any system and a byte order mark or none. */
final class CsvReader {

  private static final int END = -1;

  /** Supports {@link Reader#mark}. */
  private final Reader reader;

  private int next = END;
  private int lineEnds;

  /** Where the record begins. */
  private int line;

  /**
   * Constructs it.
   *
   * @param reader a buffered reader
   */
  CsvReader(Reader reader) throws IOException {
    this.reader = reader;
    advance();
    if (next == '\ufeff') {
      advance();
    }
  }

  /** The line that the last record begins at, from 1. */
  int line() {
    return line;
  }

  /** The fields of the next line that is not empty; null at the end. */
  @Nullable List<String> record() throws IOException {
    while (next == '\n') {
      advance();
    }
    if (next == END) {
      return null;
    }
    line = lineEnds + 1;
    List<String> fields = new ArrayList<>();
    fields.add(field());
    while (next == ',') {
      advance();
      fields.add(field());
    }
    return fields;
  }

  /** Goes to the next character; a line of any system ends in one line feed. */
  private void advance() throws IOException {
    lineEnds += next == '\n' ? 1 : 0;
    next = reader.read();
    if (next == '\r') {
      reader.mark(1);
      if (reader.read() != '\n') {
        reader.reset();
      }
      next = '\n';
    }
  }

  private String field() throws IOException {
    StringBuilder field = new StringBuilder();
    if (next == '"') {
      advance();
      while (next != END) {
        if (next == '"') {
          advance();
          if (next != '"') {
            break;
          }
        }
        field.append((char) next);
        advance();
      }
    }
    while (next != END && next != ',' && next != '\n') {
      field.append((char) next);
      advance();
    }
    return field.toString();
  }
}
