package org.aucmedi.xai.server;

import ai.djl.engine.EngineException;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.aucmedi.xai.XAIMethodRegistry;
import org.aucmedi.xai.decoder.DataGenerator;
import org.aucmedi.xai.decoder.DecoderListener;
import org.aucmedi.xai.decoder.DecoderResult;
import org.aucmedi.xai.decoder.OutputFormat;
import org.aucmedi.xai.decoder.SampleResult;
import org.aucmedi.xai.decoder.SampleResult.Explained;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.XAIDecoder;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerNotFoundException;
import org.aucmedi.xai.model.UnsupportedModelException;

/** Explains one image, by the same way that a folder of images goes. */
final class Explanation {

  private final Served served;
  private final XAIMethodRegistry registry;
  private final int maxPixels;

  Explanation(Served served, XAIMethodRegistry registry, int maxPixels) {
    this.served = served;
    this.registry = registry;
    this.maxPixels = maxPixels;
  }

  /**
   * Explains.
   *
   * @param model a copy that nobody else uses now
   * @throws HttpError if it cannot be explained as asked
   * @throws CancellationException if the job is cancelled
   */
  Reply explain(ExplainRequest request, Upload upload, Job job, ExplainableModel model) {
    long start = System.nanoTime();
    SampleResult result;
    try {
      job.check();
      result = Iterables.getOnlyElement(decode(request, upload, job, model).samples());
    } catch (UnsupportedModelException e) {
      throw refusal(HttpError.UNPROCESSABLE, e, upload);
    } catch (IllegalArgumentException e) {
      throw refusal(HttpError.BAD_REQUEST, e, upload);
    }
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    if (result instanceof Failed failed) {
      throw refusal(failed, upload);
    }
    return result instanceof Explained explained
        ? Reply.json(new ResultJson(request, served.classNames()).of(explained, milliseconds))
        : file((SampleResult.Written) result, request);
  }

  private DecoderResult decode(
      ExplainRequest request, Upload upload, Job job, ExplainableModel model) {
    DataGenerator image =
        served
            .images()
            .get()
            .addSample("image", upload.file())
            .optMaxPixels(maxPixels)
            .optBatchSize(1)
            .optWorkers(1)
            .build();
    XAIDecoder.Builder decoder =
        XAIDecoder.builder()
            .setModel(model)
            .setGenerator(image)
            .optRegistry(registry)
            .optMethod(request.method())
            .optLayerName(request.layer())
            .optProfile(request.profile())
            .optOptions(request.options())
            .optTarget(request.target())
            .optDrawing(request.drawing())
            .optRaw(request.raw())
            .optListener(new Watch(job));
    if (request.format() != ExplainRequest.Format.JSON) {
      decoder.optOutput(
          upload.output(),
          request.format() == ExplainRequest.Format.PNG ? OutputFormat.PNG : OutputFormat.NPY);
    }
    return decoder.build().decode();
  }

  private static Reply file(SampleResult.Written result, ExplainRequest request) {
    List<SampleResult.WrittenMap> maps = result.maps();
    if (maps.isEmpty()) {
      throw new HttpError(
          HttpError.UNPROCESSABLE,
          "no class of this image is " + request.target() + ", so there is no map");
    }
    if (maps.size() > 1) {
      throw new HttpError(
          HttpError.BAD_REQUEST,
          "an answer of this format is one map, and class "
              + request.target()
              + " gives "
              + maps.size()
              + "; ask for one class, or for format=json");
    }
    Path file = maps.get(0).files().get(0);
    try {
      return Reply.ok(request.format().type(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read back " + file, e);
    }
  }

  private static HttpError refusal(int status, RuntimeException e, Upload upload) {
    return new HttpError(status, upload.shown(String.valueOf(e.getMessage())));
  }

  private static RuntimeException refusal(Failed failed, Upload upload) {
    Throwable cause = failed.cause();
    String reason = upload.shown(failed.reason());
    if (cause instanceof LayerNotFoundException) {
      return new HttpError(HttpError.BAD_REQUEST, reason);
    }
    if (cause instanceof OutOfMemoryError) {
      return HttpError.busy(reason);
    }
    if (cause instanceof XAIException
        || cause instanceof IllegalArgumentException
        || cause instanceof EngineException
        || cause instanceof StackOverflowError) {
      return new HttpError(HttpError.UNPROCESSABLE, reason);
    }
    return new IllegalStateException("an image cannot be explained: " + reason, cause);
  }

  /** Follows the passes of a method, and ends them if the client is gone. */
  private record Watch(Job job) implements DecoderListener {

    @Override
    public void progressed(int samples, int total, double pass) {
      job.progress(samples == total ? 1 : pass);
      job.check();
    }
  }
}
