package org.aucmedi.xai.engine.pytorch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serialises a module through libtorch. */
final class ModuleWriter {

  /** The parts in which libtorch hands over a large module. */
  private static final int PARTS = 8;

  private static final long SMALLEST_PART_BYTES = 32L << 20;

  private static final Logger logger = LoggerFactory.getLogger(ModuleWriter.class);

  private ModuleWriter() {}

  /**
   * Serialises a module to a temporary file, or to memory where the temporary folder has no room.
   *
   * @param module the module
   * @return its archive, which goes when it is closed
   * @throws IOException if the archive is none
   */
  static ModuleArchive serialise(PtSymbolBlock module) throws IOException {
    SeekableByteChannel channel;
    try (ScratchFile file = ScratchFile.create()) {
      channel =
          write(
              module,
              Files.newByteChannel(
                  file.path(),
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      logger.debug("cannot use the temporary folder; the module is serialised to memory", e);
      channel = write(module, new MemoryChannel());
    }
    return ModuleArchive.open(channel);
  }

  private static SeekableByteChannel write(PtSymbolBlock module, SeekableByteChannel channel)
      throws IOException {
    boolean written = false;
    try (Sink sink = new Sink(channel)) {
      write(module, sink);
      if (sink.failure != null) {
        throw sink.failure;
      }
      written = true;
      return channel;
    } finally {
      if (!written) {
        channel.close();
      }
    }
  }

  /**
   * Calls DJL's native method with a larger buffer than {@link JniUtils#writeModule} has: at each
   * part it copies up to as many bytes as have been written so far, so the time grows with the
   * number of parts, which must not grow with the module.
   */
  private static void write(PtSymbolBlock module, Sink out) {
    byte[] buffer = new byte[partBytes(module)];
    try {
      Class<?> library = Class.forName("ai.djl.pytorch.jni.PyTorchLibrary");
      Field instance = library.getDeclaredField("LIB");
      instance.setAccessible(true);
      Method write =
          library.getDeclaredMethod(
              "moduleWrite", long.class, OutputStream.class, byte[].class, boolean.class);
      write.setAccessible(true);
      write.invoke(instance.get(null), module.getHandle(), out, buffer, false);
    } catch (InvocationTargetException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      logger.debug("DJL's writer of modules is not where it was", e);
      JniUtils.writeModule(module, out, false);
    }
  }

  /** An eighth of the weights, as far as an eighth of the heap holds that. */
  private static int partBytes(PtSymbolBlock module) {
    long bytes = 0;
    try (NDManager scope = NDManager.newBaseManager(Device.cpu(), PtEngine.ENGINE_NAME)) {
      for (NDArray weight : JniUtils.moduleGetParams(module, (PtNDManager) scope)) {
        bytes += weight.size() * Math.max(1, weight.getDataType().getNumOfBytes());
      }
    }
    long part = Math.max(SMALLEST_PART_BYTES, bytes / PARTS);
    return (int) Math.min(part, Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 8));
  }

  /** Keeps an exception until the native caller, which does not expect one, has returned. */
  private static final class Sink extends OutputStream {

    private final SeekableByteChannel channel;
    private @Nullable IOException failure;

    Sink(SeekableByteChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      try {
        ByteBuffer part = ByteBuffer.wrap(bytes, offset, count);
        while (failure == null && part.hasRemaining()) {
          // A heap buffer passes through a direct one of its size, which the thread keeps.
          ByteBuffer piece = part.slice(part.position(), Math.min(1 << 20, part.remaining()));
          part.position(part.position() + channel.write(piece));
        }
      } catch (IOException e) {
        failure = e;
      }
    }
  }
}
