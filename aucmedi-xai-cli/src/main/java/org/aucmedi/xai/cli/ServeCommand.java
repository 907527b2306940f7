package org.aucmedi.xai.cli;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.automl.AucmediModel;
import org.aucmedi.xai.imaging.drawing.Drawing;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.server.ExplainServer;
import org.aucmedi.xai.server.Served;
import org.aucmedi.xai.server.ServerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves a web page and an HTTP API until it is stopped. */
@Command(
    name = "serve",
    description =
        "Opens a local web page that explains images: choose an image, a method, a class, and see"
            + " the overlay change. Programs use its HTTP API.",
    footer = {
      "",
      "Exit code: 130 after Ctrl-C, 143 after SIGTERM, both after the requests in progress; 2 for a"
          + " usage or model error, such as a port that is taken."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions model;

  @Mixin private PreparationOptions preparation;

  @Mixin private ClassNames classNames;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "ADDRESS",
      description =
          "the address to listen on (default: ${DEFAULT-VALUE}, which only this machine reaches)")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      paramLabel = "N",
      description = "the port, 0 for one that is free (default: ${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--max-body",
      defaultValue = "64000000",
      paramLabel = "BYTES",
      description = "how large a request may be (default: ${DEFAULT-VALUE})")
  private long maxBody;

  @Option(
      names = "--max-pixels",
      defaultValue = "25000000",
      paramLabel = "N",
      description =
          "how many pixels an image may have, checked before it is decoded (default:"
              + " ${DEFAULT-VALUE})")
  private int maxPixels;

  @Option(
      names = "--concurrency",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "how many images are explained at once, each with a copy of the model in memory (default:"
              + " ${DEFAULT-VALUE})")
  private int concurrency;

  @Override
  public Integer call() throws InterruptedException {
    if (concurrency < 1 || concurrency > 64) {
      throw new ParameterException(
          spec.commandLine(), "--concurrency lies in 1 to 64, got " + concurrency);
    }
    ServerSettings settings;
    try {
      settings = ServerSettings.DEFAULT.withAddress(host, port).withLimits(maxBody, maxPixels);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    List<String> names = Objects.requireNonNullElse(classNames.of(model.folder()), List.of());
    PrintWriter err = spec.commandLine().getErr();
    List<LoadedModel> copies = open();
    LoadedModel first = copies.get(0);
    Served served;
    try {
      // What the options contradict is told now, not to a client.
      DataGenerator.Builder unused = preparation.preparation(first);
      served =
          new Served(
              String.valueOf(model.path().getFileName()),
              copies.stream().map(LoadedModel::model).toList(),
              () -> preparation.preparation(first),
              names,
              first.aucmedi() == null
                  ? Drawing.DEFAULT
                  : Drawing.DEFAULT.withAlpha(AucmediModel.ALPHA));
    } catch (RuntimeException | Error e) {
      copies.forEach(LoadedModel::close);
      throw e;
    }
    ExplainServer server = ExplainServer.start(settings, served, new XAIMethodRegistry());
    Thread stop = new Thread(server::close, "aucmedi-xai-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    if (!isLoopback(host)) {
      err.println(
          "warning: "
              + Printable.of(host)
              + " can be reached from other machines, and there is no TLS: the token and the images"
              + " can be read on the way; put a reverse proxy with TLS in front, see docs/serve.md");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("open " + server.uri());
    out.println("Ctrl-C stops it");
    out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  private List<LoadedModel> open() {
    List<LoadedModel> copies = new ArrayList<>();
    try {
      for (int n = 0; n < concurrency; n++) {
        copies.add(model.open(model.activation()));
      }
    } catch (RuntimeException | Error e) {
      copies.stream().map(LoadedModel::model).forEach(ExplainableModel::close);
      throw e;
    }
    return copies;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
