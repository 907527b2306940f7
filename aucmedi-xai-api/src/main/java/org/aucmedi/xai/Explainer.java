package org.aucmedi.xai;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import java.util.List;
import java.util.Objects;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LoadOptions;

/**
 * Explains a DJL model's predictions for its own input type: the counterpart of DJL's {@code
 * Predictor} for heatmaps. The model's {@link Translator} prepares the input, as it does for a
 * prediction.
 *
 * <pre>{@code
 * try (Explainer<Image> explainer = Explainer.of(criteria.loadModel(), GradCam.builder())) {
 *   Heatmap map = explainer.explain(image);
 *   ImageIO.write(map.overlayOn(image, Colormap.JET, 0.25f), "png", file);
 * }
 * }</pre>
 *
 * <p>A map covers the image that the translator produces; if the translator crops, it covers the
 * crop.
 *
 * <p>Thread-safe if its translator is.
 *
 * @param <I> the type of the input, for instance {@link ai.djl.modality.cv.Image}
 */
public final class Explainer<I> implements AutoCloseable {

  private final Model model;
  private final Translator<I, ?> translator;
  private final ExplainableModel explainable;
  private final XAIMethodBase method;

  private Explainer(
      Model model, Translator<I, ?> translator, MethodBuilder<?> method, LoadOptions options) {
    this.model = model;
    this.translator = Objects.requireNonNull(translator, "translator");
    try {
      explainable = ExplainableModel.of(model, options);
      this.method = method.build(explainable);
    } catch (RuntimeException | Error e) {
      // Whatever the explainable model holds closes with the DJL model.
      model.close();
      throw e;
    }
  }

  /**
   * Creates an explainer from a model and its own translator.
   *
   * @param model a loaded model; the explainer owns and closes it, even if this call fails
   * @param method builds the method
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or an
   *     option that is set is not one of the method's
   */
  public static <I> Explainer<I> of(ZooModel<I, ?> model, MethodBuilder<?> method) {
    return of(model, method, LoadOptions.NONE);
  }

  /**
   * Creates an explainer from a model and its own translator.
   *
   * @param model a loaded model; the explainer owns and closes it, even if this call fails
   * @param method builds the method
   * @param options settings that cannot be read from the model
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or an
   *     option that is set is not one of the method's
   * @throws org.aucmedi.xai.model.UnsupportedModelException if it cannot be explained as asked
   */
  public static <I> Explainer<I> of(
      ZooModel<I, ?> model, MethodBuilder<?> method, LoadOptions options) {
    return new Explainer<>(model, model.getTranslator(), method, options);
  }

  /**
   * Creates an explainer from a model and a translator.
   *
   * @param model a loaded model; the explainer owns and closes it, even if this call fails
   * @param translator prepares inputs
   * @param method builds the method
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or an
   *     option that is set is not one of the method's
   */
  public static <I> Explainer<I> of(
      Model model, Translator<I, ?> translator, MethodBuilder<?> method) {
    return new Explainer<>(model, translator, method, LoadOptions.NONE);
  }

  /** {@return the method} */
  public XAIMethodBase method() {
    return method;
  }

  /**
   * Explains the predicted class.
   *
   * @param input an input of the translator
   * @return its heatmap
   * @throws IllegalArgumentException if the translator does not produce an image
   * @throws XAIException if the translator or the method fails
   */
  public Heatmap explain(I input) {
    return explain(input, Target.argmax()).get(0);
  }

  /**
   * Explains a target.
   *
   * @param input an input of the translator
   * @param target what to explain
   * @return one heatmap per objective
   * @throws IllegalArgumentException if the translator does not produce an image, or the model has
   *     no such class
   * @throws XAIException if the translator or the method fails
   */
  public List<Heatmap> explain(I input, Target target) {
    try (NDManager manager = explainable.newManager()) {
      return method.explain(prepared(input, manager), target).get(0);
    }
  }

  private NDArray prepared(I input, NDManager manager) {
    NDList list;
    try {
      TranslationContext context = new TranslationContext(model, manager);
      translator.prepare(context);
      list = translator.processInput(context, input);
      Batchifier batchifier = translator.getBatchifier();
      if (batchifier != null) {
        list = batchifier.batchify(new NDList[] {list});
      }
    } catch (UnsupportedOperationException e) {
      throw new XAIException(
          "engine "
              + explainable.engineName()
              + " lacks array operations that the translator needs; add a module that has them,"
              + " such as aucmedi-xai-engine-pytorch",
          e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new XAIException("the translator cannot prepare the input: " + e.getMessage(), e);
    }
    checkArgument(
        list.size() == 1 && list.head().getShape().get(0) == 1,
        "the translator must produce a single image, got %s",
        list);
    return list.head();
  }

  /** Closes the model. */
  @Override
  public void close() {
    explainable.close();
    model.close();
  }
}
