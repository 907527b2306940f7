package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file as ImageIO reads it, without copies in memory or in a temporary folder. ImageIO's own
 * stream takes {@link java.io.File}, which loses names outside the system's character set.
 */
final class PathImageInputStream extends ImageInputStreamImpl {

  private final FileChannel channel;

  PathImageInputStream(Path file) throws IOException {
    channel = FileChannel.open(file);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    int count = channel.read(ByteBuffer.wrap(bytes, offset, length), streamPos);
    streamPos += Math.max(count, 0);
    return count;
  }

  @Override
  public long length() {
    try {
      return channel.size();
    } catch (IOException e) {
      return -1;
    }
  }

  @Override
  public void close() throws IOException {
    super.close();
    channel.close();
  }
}
