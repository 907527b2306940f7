package org.aucmedi.xai.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Finds the golden models and maps: in the folder given by the system property {@code golden.dir},
 * else in this module's resources, which contain the network resmini. A test that requests a file
 * missing from both is skipped.
 */
public final class Golden {

  private static final Pattern HEADER =
      Pattern.compile("'descr': '([<|]\\w+)'.*'fortran_order': False.*'shape': \\(([^)]*)\\)");

  private Golden() {}

  /**
   * An array of a golden file.
   *
   * @param shape its shape
   * @param data its values, row-major
   */
  public record Array(int[] shape, float[] data) {

    /**
     * {@return the values at an index of the first axis}
     *
     * @param index the index
     */
    public Array get(int index) {
      int[] rest = Arrays.copyOfRange(shape, 1, shape.length);
      int size = Arrays.stream(rest).reduce(1, Math::multiplyExact);
      return new Array(rest, Arrays.copyOfRange(data, index * size, (index + 1) * size));
    }

    /**
     * {@return the first entries along the first axis}
     *
     * @param count the number of entries
     */
    public Array first(int count) {
      int[] shorter = shape.clone();
      shorter[0] = count;
      return new Array(shorter, Arrays.copyOf(data, data.length / shape[0] * count));
    }

    /**
     * Keeps the first half along the depth, height and width of volumes.
     *
     * @return (N, D / 2, H / 2, W / 2, C) of an array (N, D, H, W, C)
     */
    public Array halved() {
      int[] half = {shape[0], shape[1] / 2, shape[2] / 2, shape[3] / 2, shape[4]};
      int row = half[3] * half[4];
      float[] kept = new float[half[0] * half[1] * half[2] * row];
      int to = 0;
      for (int n = 0; n < half[0]; n++) {
        for (int d = 0; d < half[1]; d++) {
          for (int h = 0; h < half[2]; h++) {
            int from = ((n * shape[1] + d) * shape[2] + h) * shape[3] * shape[4];
            System.arraycopy(data, from, kept, to, row);
            to += row;
          }
        }
      }
      return new Array(half, kept);
    }

    /**
     * Moves the last axis to index 1: converts a batch from channels last to channels first.
     *
     * @return the transposed array
     */
    public Array channelsFirst() {
      int channels = shape[shape.length - 1];
      int images = shape[0];
      int positions = data.length / images / channels;
      float[] moved = new float[data.length];
      for (int n = 0; n < images; n++) {
        for (int i = 0; i < positions; i++) {
          for (int c = 0; c < channels; c++) {
            moved[(n * channels + c) * positions + i] = data[(n * positions + i) * channels + c];
          }
        }
      }
      int[] to = new int[shape.length];
      to[0] = images;
      to[1] = channels;
      System.arraycopy(shape, 1, to, 2, shape.length - 2);
      return new Array(to, moved);
    }
  }

  /**
   * {@return a golden file or folder}
   *
   * @param name its path below the golden folder
   */
  public static Path file(String name) {
    Path file = Path.of(System.getProperty("golden.dir", "no-golden-files"), name).normalize();
    if (Files.exists(file)) {
      return file;
    }
    Path bundled = Bundled.FOLDER.resolve(name);
    assumeTrue(Files.exists(bundled), () -> "skipped: the golden file " + file + " is absent");
    return bundled;
  }

  /** The resources, extracted to files for the engines. */
  private static final class Bundled {

    static final Path FOLDER = folder();

    private static Path folder() {
      try {
        URI resources = Golden.class.getResource("golden").toURI();
        return resources.getScheme().equals("file") ? Path.of(resources) : copied(resources);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Path copied(URI jar) throws IOException {
      Path folder = Files.createTempDirectory("golden");
      folder.toFile().deleteOnExit();
      try (FileSystem files = FileSystems.newFileSystem(jar, Map.of())) {
        Path root = files.provider().getPath(jar);
        try (Stream<Path> entries = Files.walk(root)) {
          for (Path entry : (Iterable<Path>) entries.skip(1)::iterator) {
            Path copy = folder.resolve(root.relativize(entry).toString());
            Files.copy(entry, copy);
            copy.toFile().deleteOnExit();
          }
        }
      }
      return folder;
    }
  }

  /**
   * Reads one array of a golden {@code .npz} file.
   *
   * @param npz the file's name
   * @param key the array's name
   * @return the array
   */
  public static Array array(String npz, String key) {
    return array(file(npz), key);
  }

  /**
   * Reads one array of an {@code .npz} file.
   *
   * @param npz the file
   * @param key the array's name
   * @return the array
   */
  public static Array array(Path npz, String key) {
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      ZipEntry entry = zip.getEntry(key + ".npy");
      if (entry == null) {
        throw new IllegalArgumentException(npz + " holds no array " + key);
      }
      try (InputStream in = zip.getInputStream(entry)) {
        return parse(in.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Array parse(byte[] npy) {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    int start = 10;
    int length = buffer.getShort(8);
    Matcher header = HEADER.matcher(new String(npy, start, length, StandardCharsets.ISO_8859_1));
    if (!header.find()) {
      throw new IllegalArgumentException("unsupported header");
    }
    int[] shape =
        Arrays.stream(header.group(2).split(","))
            .map(String::strip)
            .filter(size -> !size.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    float[] data = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    buffer.position(start + length);
    String type = header.group(1);
    for (int i = 0; i < data.length; i++) {
      data[i] =
          switch (type) {
            case "<f4" -> buffer.getFloat();
            case "<f8" -> (float) buffer.getDouble();
            case "<i4" -> buffer.getInt();
            case "<i8" -> buffer.getLong();
            default -> throw new IllegalArgumentException("type " + type);
          };
    }
    return new Array(shape, data);
  }
}
