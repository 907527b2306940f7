package org.aucmedi.xai.engine.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the weights of a {@code .params} file: a list of arrays, then their names.
 *
 * <p>MXNet's own reader trusts every length in the file; this one validates them. It reads dense
 * arrays of all versions since 0.9.
 */
final class ParamsFile implements AutoCloseable {

  private static final long LIST_MAGIC = 0x112;
  private static final int V1_MAGIC = 0xF993FAC8;
  private static final int V2_MAGIC = 0xF993FAC9;
  private static final int V3_MAGIC = 0xF993FACA;
  private static final int DJL_MAGIC =
      ByteBuffer.wrap("DJL@".getBytes(StandardCharsets.US_ASCII))
          .order(ByteOrder.LITTLE_ENDIAN)
          .getInt();
  private static final int MAX_RANK = 32;

  /** MXNet's type codes. */
  private static final List<DataType> TYPES =
      List.of(
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.FLOAT16,
          DataType.UINT8,
          DataType.INT32,
          DataType.INT8,
          DataType.INT64,
          DataType.BOOLEAN);

  private final FileChannel channel;
  private final NDManager manager;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  private ParamsFile(FileChannel channel, NDManager manager) {
    this.channel = channel;
    this.manager = manager;
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @param manager owns the arrays
   * @return the arrays by their names in the symbol, without {@code arg:} or {@code aux:}
   * @throws IOException if the file is damaged or of another kind; the message gives the reason
   */
  static Map<String, NDArray> read(Path file, NDManager manager) throws IOException {
    try (ParamsFile reader = new ParamsFile(FileChannel.open(file), manager)) {
      return reader.read();
    }
  }

  private Map<String, NDArray> read() throws IOException {
    checkHeader();
    int count = count(12, "arrays");
    List<NDArray> arrays = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      arrays.add(array());
    }
    if (count(8, "names") != count) {
      throw damaged("its " + count + " arrays do not have as many names");
    }
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (NDArray array : arrays) {
      String text = StandardCharsets.UTF_8.decode(bytes(count(1, "letters"))).toString();
      named.put(text.substring(text.indexOf(':') + 1), array);
    }
    return named;
  }

  private void checkHeader() throws IOException {
    if (channel.size() >= 4) {
      if (bytes(4).getInt() == DJL_MAGIC) {
        throw new IOException(
            "it is in DJL's own format; load it with ai.djl.Model and pass that to"
                + " ExplainableModel.of");
      }
      channel.position(0);
    }
    if (bytes(16).getLong() != LIST_MAGIC) {
      throw new IOException("it does not start like an MXNet .params file");
    }
  }

  private NDArray array() throws IOException {
    int magic = bytes(4).getInt();
    if (magic == V2_MAGIC || magic == V3_MAGIC) {
      int storage = bytes(4).getInt();
      if (storage > 0) {
        throw new IOException("it holds a sparse array; save dense ones");
      }
    }
    boolean isShapeOfInts = magic != V1_MAGIC && magic != V2_MAGIC && magic != V3_MAGIC;
    int rank = isShapeOfInts ? magic : bytes(4).getInt();
    boolean isEmpty = magic == V3_MAGIC ? rank < 0 : rank == 0;
    if (rank > MAX_RANK || (rank < 0 && !isEmpty)) {
      throw damaged("an array has " + rank + " dimensions");
    }
    if (isEmpty) {
      return manager.create(new Shape(0));
    }
    long[] sizes = new long[rank];
    long length = 1;
    for (int i = 0; i < rank; i++) {
      sizes[i] = isShapeOfInts ? bytes(4).getInt() : bytes(8).getLong();
      length = size(length, sizes[i]);
    }
    // The device from which it was saved: its type and number.
    bytes(8);
    int type = bytes(4).getInt();
    if (type < 0 || type >= TYPES.size()) {
      throw damaged("an array has the unknown type " + type);
    }
    DataType dataType = TYPES.get(type);
    long size = size(length, dataType.getNumOfBytes());
    if (size > Integer.MAX_VALUE) {
      throw new IOException("it holds an array of " + size + " bytes; the limit is 2 GiB");
    }
    return manager.create(bytes(size), new Shape(sizes), dataType);
  }

  private long size(long length, long factor) throws IOException {
    if (factor < 0 || (factor > 0 && length > channel.size() / factor)) {
      throw damaged("an array is larger than the file");
    }
    return length * factor;
  }

  /** Reads the number of items that follow, each with a minimum size. */
  private int count(long bytesEach, String what) throws IOException {
    long count = bytes(8).getLong();
    long possible = (channel.size() - channel.position()) / bytesEach;
    if (count < 0 || count > Math.min(possible, Integer.MAX_VALUE)) {
      throw damaged("it claims " + count + " " + what);
    }
    return (int) count;
  }

  /** The next bytes of the file, in a buffer that the next call reuses. */
  private ByteBuffer bytes(long length) throws IOException {
    if (length > channel.size() - channel.position()) {
      throw damaged("it ends too early, at byte " + channel.size());
    }
    if (length > buffer.capacity()) {
      buffer = ByteBuffer.allocateDirect(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    }
    buffer.clear().limit((int) length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw damaged("it shrank while it was read");
      }
    }
    return buffer.flip();
  }

  private static IOException damaged(String how) {
    return new IOException("it is truncated or damaged, " + how + "; copy or download it again");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
