package org.aucmedi.xai.engine.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemoryChannelTest {

  @Test
  void write_manyParts_areReadBackFromAnywhere() throws IOException {
    byte[] content = new byte[3 * MemoryChannel.BLOCK + 17];
    new Random(7).nextBytes(content);
    MemoryChannel channel = new MemoryChannel();
    OutputStream out = Channels.newOutputStream(channel);
    for (int from = 0; from < content.length; from += 100_003) {
      out.write(content, from, Math.min(100_003, content.length - from));
    }
    assertThat(channel.size()).isEqualTo(content.length);

    for (int from : new int[] {0, 5, MemoryChannel.BLOCK - 1, content.length - 3}) {
      ByteBuffer target = ByteBuffer.allocate(content.length);
      channel.position(from);
      int count = channel.read(target);
      assertThat(count).isEqualTo(content.length - from);
      assertThat(Arrays.copyOf(target.array(), count))
          .isEqualTo(Arrays.copyOfRange(content, from, content.length));
      assertThat(channel.read(target)).isEqualTo(-1);
    }
  }

  /** What is copied into a larger array is allocated anew, so allocations show every copy. */
  @Test
  void write_growingFile_allocatesEachByteOnce() throws IOException {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] part = new byte[64 << 10];
    for (int megabytes : new int[] {4, 8, 16}) {
      MemoryChannel channel = new MemoryChannel();
      long before = thread.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < megabytes * 16; i++) {
        channel.write(ByteBuffer.wrap(part));
      }
      long allocated = thread.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).isBetween((long) megabytes << 20, (megabytes << 20) + 200_000L);
    }
  }

  @Test
  void close_releasesEverything() throws IOException {
    MemoryChannel channel = new MemoryChannel();
    channel.write(ByteBuffer.wrap(new byte[10]));
    channel.close();

    assertThat(channel.isOpen()).isFalse();
    assertThatExceptionOfType(ClosedChannelException.class)
        .isThrownBy(() -> channel.read(ByteBuffer.allocate(1)));
  }
}
