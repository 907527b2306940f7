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
 * Explains what a DJL model says of its own kind of input: DJL's {@code Predictor} for heatmaps.
 * The model's {@link Translator} prepares the input, as it does for a prediction.
 *
 * <pre>{@code
 * try (Explainer<Image> explainer = Explainer.of(criteria.loadModel(), GradCam.builder())) {
 *   Heatmap map = explainer.explain(image);
 *   ImageIO.write(map.overlayOn(image, Colormap.JET, 0.25f), "png", file);
 * }
 * }</pre>
 *
 * <p>A map lies on the image that the translator makes: where that crops, on the crop.
 *
 * <p>It may be shared between threads if its translator may.
 *
 * @param <I> the input, for instance {@link ai.djl.modality.cv.Image}
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
      // What is explainable holds closes with the model.
      model.close();
      throw e;
    }
  }

  /**
   * Makes an explainer of a model and its translator.
   *
   * @param model a loaded model; it belongs to the explainer, which closes it, also if this fails
   * @param method builds the method
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or the
   *     method does not have an option that is set
   */
  public static <I> Explainer<I> of(ZooModel<I, ?> model, MethodBuilder<?> method) {
    return of(model, method, LoadOptions.NONE);
  }

  /**
   * Makes an explainer of a model and its translator.
   *
   * @param model a loaded model; it belongs to the explainer, which closes it, also if this fails
   * @param method builds the method
   * @param options what the model does not tell about itself
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or the
   *     method does not have an option that is set
   * @throws org.aucmedi.xai.model.UnsupportedModelException if it cannot be explained as asked
   */
  public static <I> Explainer<I> of(
      ZooModel<I, ?> model, MethodBuilder<?> method, LoadOptions options) {
    return new Explainer<>(model, model.getTranslator(), method, options);
  }

  /**
   * Makes an explainer of a model and a translator.
   *
   * @param model a loaded model; it belongs to the explainer, which closes it, also if this fails
   * @param translator prepares inputs
   * @param method builds the method
   * @param <I> the input
   * @return the explainer
   * @throws IllegalArgumentException if no engine module on the classpath accepts the model, or the
   *     method does not have an option that is set
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
   * @param input what the translator takes
   * @return its heatmap
   * @throws IllegalArgumentException if the translator makes no image of it
   * @throws XAIException if the translator or the method fails
   */
  public Heatmap explain(I input) {
    return explain(input, Target.argmax()).get(0);
  }

  /**
   * Explains a target.
   *
   * @param input what the translator takes
   * @param target what to explain
   * @return one heatmap per objective
   * @throws IllegalArgumentException if the translator makes no image of it, or the model has no
   *     such class
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
              + " does not have the array operations that the translator needs; add a module that"
              + " does, such as aucmedi-xai-engine-pytorch, which DJL then uses for them",
          e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new XAIException("the translator cannot prepare the input: " + e.getMessage(), e);
    }
    checkArgument(
        list.size() == 1 && list.head().getShape().get(0) == 1,
        "the translator makes %s of the input, and only one image can be explained",
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
