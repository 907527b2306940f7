package org.aucmedi.xai.engine.pytorch;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A file in memory that grows by blocks, so that what has been written is never copied again and
 * may be larger than one array.
 */
final class MemoryChannel implements SeekableByteChannel {

  /** The size of a block in bytes. */
  static final int BLOCK = 1 << 20;

  private final List<byte[]> blocks = new ArrayList<>();
  private long size;
  private long position;
  private boolean open = true;

  @Override
  public int read(ByteBuffer target) throws ClosedChannelException {
    checkOpen();
    if (position >= size) {
      return -1;
    }
    int count = (int) Math.min(target.remaining(), size - position);
    for (int left = count; left > 0; ) {
      int offset = (int) (position % BLOCK);
      int part = Math.min(left, BLOCK - offset);
      target.put(blocks.get((int) (position / BLOCK)), offset, part);
      position += part;
      left -= part;
    }
    return count;
  }

  @Override
  public int write(ByteBuffer source) throws ClosedChannelException {
    checkOpen();
    int count = source.remaining();
    while (source.hasRemaining()) {
      int offset = (int) (position % BLOCK);
      int part = Math.min(source.remaining(), BLOCK - offset);
      while (blocks.size() <= position / BLOCK) {
        blocks.add(new byte[BLOCK]);
      }
      source.get(blocks.get((int) (position / BLOCK)), offset, part);
      position += part;
    }
    size = Math.max(size, position);
    return count;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    blocks.clear();
    size = 0;
  }

  private void checkOpen() throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }
}
