package org.aucmedi.xai.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body that is refused as soon as it is too long. */
final class LimitedStream extends FilterInputStream {

  private final long limit;
  private long read;

  LimitedStream(InputStream in, long limit) {
    super(in);
    this.limit = limit;
  }

  static HttpError tooLong(long limit) {
    return new HttpError(
        HttpError.TOO_LARGE,
        "the request has more than "
            + limit
            + " bytes; make the image smaller, or start the server with a larger --max-body");
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = super.read(bytes, offset, length);
    count(Math.max(0, count));
    return count;
  }

  private void count(int more) {
    read += more;
    if (read > limit) {
      throw tooLong(limit);
    }
  }
}
