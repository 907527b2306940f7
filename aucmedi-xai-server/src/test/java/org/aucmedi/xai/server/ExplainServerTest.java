package org.aucmedi.xai.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.aucmedi.xai.server.TestServer.error;
import static org.aucmedi.xai.server.TestServer.json;
import static org.aucmedi.xai.server.TestServer.picture;
import static org.aucmedi.xai.server.TestServer.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.aucmedi.xai.Profile;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.Standardize;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExplainServerTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"PNG, saliency", "NPY, saliency", "PNG, occlusionsensitivity"})
  void explain_file_isThatOfTheDecoder(String format, String method, @TempDir Path folder)
      throws IOException {
    Path image = Files.write(folder.resolve("a.png"), picture());
    Path expected =
        XAIDecoder.builder()
            .setModel(TestServer.model())
            .setGenerator(
                DataGenerator.builder()
                    .addSample("a.png", image)
                    .optStandardize(Standardize.NONE)
                    .build())
            .optMethod(method)
            .optProfile(Profile.PAPER)
            .optTarget(Target.ofClasses(1))
            .optOutput(folder.resolve("out"), OutputFormat.valueOf(format))
            .build()
            .decode()
            .files()
            .get(0);

    HttpResponse<byte[]> response =
        server.explain(
            "class=1&profile=paper&format=" + format.toLowerCase(Locale.ROOT) + "&method=" + method,
            picture());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(Files.readAllBytes(expected));
    assertThat(response.headers().firstValue("content-type"))
        .hasValue(format.equals("PNG") ? "image/png" : "application/octet-stream");
  }

  @Test
  void explain_json_hasAllThatAPageNeeds() throws IOException {
    JsonObject answer =
        json(
            server.explain(
                "method=saliency&class=all&format=json&values=float32&profile=paper", picture()));

    // Blue of the grey pixel counts three times for class 0.
    assertThat(answer.getAsJsonArray("outputs").asList().stream().map(JsonElement::getAsFloat))
        .containsExactly(3 * 128f, (3 + 2 + 1) * 255f);
    assertThat(answer.getAsJsonArray("maps")).hasSize(2);
    JsonObject map = answer.getAsJsonArray("maps").get(0).getAsJsonObject();
    assertThat(map.get("classIndex").getAsInt()).isZero();
    assertThat(map.get("status").getAsString()).isEqualTo("ok");
    float[] values = new float[4];
    ByteBuffer.wrap(Base64.getDecoder().decode(map.get("data").getAsString()))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    // The largest magnitude over the channels of the weights is 0, 1, 2, 3.
    assertThat(values).containsExactly(0, 1 / 3f, 2 / 3f, 1);
    assertThat(map.get("rawMax").getAsFloat()).isEqualTo(3);
    byte[] shown =
        Base64.getDecoder().decode(answer.getAsJsonObject("image").get("data").getAsString());
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(shown));
    assertThat(image.getRGB(1, 1) & 0xffffff).isEqualTo(0x808080);
    assertThat(answer.getAsJsonArray("classNames").get(1).getAsString()).isEqualTo("<i>dog</i>");
    assertThat(answer.getAsJsonArray("shape").toString()).isEqualTo("[2,2]");
  }

  @Test
  void explain_form_isReadAsTheBodyIs() {
    byte[] expected = server.explain("method=saliency", picture()).body();
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(
        lines(
            "--X",
            "Content-Disposition: form-data; name=other",
            "",
            "",
            "--Y",
            "--X",
            "Content-Disposition: form-data; name=\"image\"; filename=\"../../../etc/<b>.png\"",
            "Content-Type: image/png",
            "",
            ""));
    form.writeBytes(picture());
    form.writeBytes(lines("", "--X--", ""));

    HttpResponse<byte[]> response =
        server.send(
            server
                .request("explain?method=saliency")
                .header("Content-Type", "multipart/form-data; boundary=X")
                .POST(BodyPublishers.ofByteArray(form.toByteArray())));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(expected);
  }

  @Test
  void explain_array_isKnownByItsContent() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, new int[] {2, 2, 3}, new float[] {0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 5}, "");

    JsonObject answer =
        json(server.explain("method=saliency&class=cat&format=json", out.toByteArray()));

    assertThat(answer.getAsJsonArray("outputs").get(0).getAsFloat()).isEqualTo(30);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "method=nosuch | 400 | unknown method 'nosuch'; available: ",
        "'' | 400 | method: is missing; see /methods for the keys",
        "method=saliency&class=most | 400 | unknown target 'most'; use argmax, all",
        "method=saliency&class=7 | 400 | 7",
        "method=saliency&option.steps=1 | 400 | unknown option 'steps'; the method has",
        "method=occlusionsensitivity&option.patch=-1 | 400 | option patch must be",
        "method=occlusionsensitivity&option.fill=/etc/x.npy | 400 | option.fill: files cannot be",
        "method=gradientshap&option.Baselines=/etc | 400 | option.Baselines: files cannot be named",
        "method=kernelshap&option.fill=x.npy | 400 | option.fill: files cannot be named here",
        "method=saliency&format=tiff | 400 | format: 'tiff' is none of png, npy, json",
        "method=saliency&colormap=pink | 400 | colormap: 'pink' is none of jet",
        "method=saliency&alpha=2 | 400 | alpha: alpha must lie in [0, 1], got 2.0",
        "method=saliency&alpha=x | 400 | alpha: 'x' is no number",
        "method=saliency&raw=true | 400 | raw: maps before normalisation are numbers",
        "method=saliency&raw=1 | 400 | raw: '1' is neither true nor false",
        "method=saliency&clas=1 | 400 | unknown parameter 'clas'; known are method, class",
        "method=saliency&method=lime | 400 | the parameter 'method' is there twice",
        "method=saliency&class=all | 400 | class all gives 2; ask for one class, or for format=json",
        "method=saliency&class=above9e9 | 422 | no class of this image is",
        "method=saliency&job=x | 400 | job: 'x' is no name of a job",
        "method=gradcam | 422 | does not provide",
      })
  void explain_badQuery_isRefusedInTheWordsOfTheCommandLine(
      String query, int status, String reason) {
    HttpResponse<byte[]> response = server.explain(query, picture());

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(error(response)).contains(reason);
    assertThat(json(response).get("status").getAsInt()).isEqualTo(status);
  }

  @Test
  void explain_badImages_areRefusedWithoutPaths() {
    BufferedImage large = new BufferedImage(101, 100, BufferedImage.TYPE_BYTE_GRAY);
    List<String> reasons =
        Stream.of(
                new byte[] {1, 2, 3},
                "<html>no image</html>".getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(picture(), 40),
                TestServer.png(large),
                TestServer.png(new BufferedImage(3, 3, BufferedImage.TYPE_INT_RGB)))
            .map(
                image -> {
                  HttpResponse<byte[]> response = server.explain("method=saliency", image);
                  assertThat(response.statusCode()).isEqualTo(422);
                  return error(response);
                })
            .toList();

    assertThat(reasons.get(0)).startsWith("cannot read the image: it is of no format that shows");
    assertThat(reasons.get(2)).startsWith("cannot read the image: it is damaged");
    assertThat(reasons.get(3)).contains("10100").contains("10000");
    assertThat(reasons.get(4)).contains("expected 12 values, got 27");
    assertThat(reasons).noneMatch(reason -> reason.contains("/") && reason.contains("upload"));
    HttpResponse<byte[]> empty = server.explain("method=saliency", new byte[0]);
    assertThat(empty.statusCode()).isEqualTo(400);
    assertThat(error(empty)).startsWith("the request has no image");
  }

  @Test
  void upload_isGoneAfterTheAnswer() {
    server.explain("method=saliency", picture());
    server.explain("method=saliency", new byte[] {1});

    assertThat(server.server().uploads()).isEmptyDirectory();
  }

  @Test
  void methods_haveOptionsWithTypesRangesAndDefaults() {
    JsonObject answer = json(server.get("methods"));

    JsonObject steps = option(answer, "integratedgradients", "steps");
    assertThat(steps.get("type").getAsString()).isEqualTo("integer");
    assertThat(steps.get("min").getAsInt()).isEqualTo(1);
    assertThat(steps.get("aucmedi").getAsString()).isEqualTo("50");
    JsonObject gradcam = method(answer, "gradcam");
    assertThat(gradcam.get("available").getAsBoolean()).isFalse();
    assertThat(gradcam.getAsJsonArray("missing").toString()).contains("layer gradients");
    assertThat(method(answer, "saliency").get("available").getAsBoolean()).isTrue();
    assertThat(answer.getAsJsonArray("colormaps")).hasSize(6);
    byte[] jet =
        Base64.getDecoder()
            .decode(
                answer
                    .getAsJsonArray("colormaps")
                    .get(0)
                    .getAsJsonObject()
                    .get("colours")
                    .getAsString());
    assertThat(jet).hasSize(768).startsWith(0, 0, 128);
  }

  @Test
  void methods_haveALineAndACautionEach() {
    for (JsonElement each : json(server.get("methods")).getAsJsonArray("methods")) {
      JsonObject method = each.getAsJsonObject();
      assertThat(method.get("about").getAsString()).as("%s", method.get("key")).endsWith(".");
      assertThat(method.get("caution").getAsString()).as("%s", method.get("key")).endsWith(".");
    }
  }

  @Test
  void health_tellsStrangersNothingOfTheModel() throws IOException {
    JsonObject known = json(server.get("health"));
    assertThat(known.get("model").getAsString()).isEqualTo("<b>linear</b>");
    assertThat(known.get("engine").getAsString()).isEqualTo("heap");
    assertThat(known.get("copies").getAsInt()).isEqualTo(1);
    assertThat(known.get("waiting").getAsInt()).isZero();

    String stranger =
        server.raw(
            "GET /health HTTP/1.1\r\nHost: localhost:"
                + server.port()
                + "\r\nConnection: close\r\n\r\n");
    assertThat(stranger).startsWith("HTTP/1.1 200").contains("\"status\":\"ok\"");
    assertThat(stranger).doesNotContain("linear").doesNotContain("heap");
  }

  @Test
  void layers_modelWithoutAny_areNone() {
    assertThat(json(server.get("layers")).getAsJsonArray("layers")).isEmpty();
    assertThat(server.get("layers?input=3x2").statusCode()).isEqualTo(400);
    assertThat(server.get("layers?input=999999x999999x999999").statusCode()).isEqualTo(400);
  }

  @Test
  void page_isServedWithHeadersThatKeepOthersOut() {
    for (Page.Item item : Page.ITEMS) {
      HttpResponse<byte[]> response = server.get(item.path().substring(1));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("content-type")).hasValue(item.type());
      assertThat(response.headers().firstValue("content-security-policy").orElse(""))
          .startsWith("default-src 'none'; script-src 'self'");
      assertThat(response.headers().firstValue("referrer-policy")).hasValue("no-referrer");
      assertThat(response.headers().firstValue("x-content-type-options")).hasValue("nosniff");
      assertThat(response.headers().firstValue("access-control-allow-origin")).isEmpty();
    }
    assertThat(text(server.get(""))).doesNotContain("linear").doesNotContain("style=\"");
  }

  @Test
  void start_takenPort_saysSo() {
    ServerSettings taken = TestServer.SETTINGS.withAddress("127.0.0.1", server.port());
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> new TestServer(taken, new XAIMethodRegistry(), TestServer.model()))
        .withMessageContaining("cannot listen on 127.0.0.1:" + server.port())
        .withMessageContaining("choose another --port");
  }

  private static byte[] lines(String... lines) {
    return String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8);
  }

  private static JsonObject method(JsonObject answer, String key) {
    return answer.getAsJsonArray("methods").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("key").getAsString().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private static JsonObject option(JsonObject answer, String key, String name) {
    return method(answer, key).getAsJsonArray("options").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("name").getAsString().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
