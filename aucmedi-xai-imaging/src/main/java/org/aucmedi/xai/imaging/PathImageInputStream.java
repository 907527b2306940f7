package org.aucmedi.xai.imaging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file as ImageIO reads it, without copies in memory or in a temporary folder. ImageIO's own
 * stream takes {@link java.io.File}, which loses names outside the system's character set.
 */
final class PathImageInputStream extends ImageInputStreamImpl {

  private final FileChannel channel;
  private final NavigableMap<Long, Byte> replaced = new TreeMap<>();

  PathImageInputStream(Path file) throws IOException {
    channel = FileChannel.open(file);
  }

  /**
   * Makes readers see other bytes than the file has.
   *
   * @param position where they lie in the file
   * @param bytes the bytes to see there
   */
  void replace(long position, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      replaced.put(position + i, bytes[i]);
    }
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
    long from = streamPos;
    streamPos += Math.max(count, 0);
    replaced
        .subMap(from, streamPos)
        .forEach((position, value) -> bytes[offset + (int) (position - from)] = value);
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
