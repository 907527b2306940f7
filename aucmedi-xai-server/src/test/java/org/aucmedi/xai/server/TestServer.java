package org.aucmedi.xai.server;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.ChannelLayout;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.LinearModel;

/** A server of a model in plain Java for pictures of 2 x 2 pixels, and a client. */
final class TestServer implements AutoCloseable {

  /** Weights of red, green and blue of each pixel, for each of two classes. */
  static final float[][] WEIGHTS = {
    {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}, {3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0}
  };

  static final ServerSettings SETTINGS =
      ServerSettings.DEFAULT
          .withAddress("127.0.0.1", 0)
          .withLimits(100_000, 10_000)
          .withTimes(Duration.ofMillis(1500), Duration.ofMillis(1500), Duration.ofSeconds(1));

  private final HttpClient client = HttpClient.newHttpClient();
  private final ExplainServer server;

  TestServer(ServerSettings settings, XAIMethodRegistry registry, ExplainableModel... models) {
    this(settings, registry, "<b>linear</b>", List.of("cat", "<i>dog</i>"), models);
  }

  TestServer(
      ServerSettings settings,
      XAIMethodRegistry registry,
      String name,
      List<String> classNames,
      ExplainableModel... models) {
    server =
        ExplainServer.start(
            settings,
            new Served(
                name,
                List.of(models),
                () -> DataGenerator.builder().optStandardize(Standardize.NONE),
                classNames,
                Drawing.DEFAULT),
            registry);
  }

  static TestServer start() {
    return new TestServer(SETTINGS, new XAIMethodRegistry(), model());
  }

  static ExplainableModel model() {
    return new LinearModel(WEIGHTS, ChannelLayout.CHANNELS_LAST, "heap");
  }

  /** A picture of 2 x 2 pixels. */
  static byte[] picture(int... rgb) {
    BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 2, 2, rgb, 0, 2);
    return png(picture);
  }

  static byte[] picture() {
    return picture(0xff0000, 0x00ff00, 0x0000ff, 0x808080);
  }

  static byte[] png(BufferedImage picture) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  ExplainServer server() {
    return server;
  }

  int port() {
    return server.address().getPort();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.address() + path))
        .header("Authorization", "Bearer " + server.token());
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<byte[]> get(String path) {
    return send(request(path));
  }

  HttpResponse<byte[]> explain(String query, byte[] image) {
    return send(request("explain?" + query).POST(BodyPublishers.ofByteArray(image)));
  }

  static JsonObject json(HttpResponse<byte[]> response) {
    return JsonParser.parseString(text(response)).getAsJsonObject();
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  static String error(HttpResponse<byte[]> response) {
    return json(response).get("error").getAsString();
  }

  /** Sends bytes as they are, and reads all that comes back. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
