package org.aucmedi.xai.engine.support;

import ai.djl.Model;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.ExplainableModelProvider;
import org.aucmedi.xai.model.LoadOptions;
import org.aucmedi.xai.model.ModelKind;

/** Base class of the engines' providers. */
public abstract class AbstractModelProvider implements ExplainableModelProvider {

  /** The kind of model that {@link BlockModel} explains. */
  protected static final ModelKind BLOCKS = ModelKind.ofGradients("DJL blocks");

  private final String engineName;
  private final Class<? extends Model> models;
  private final List<ModelKind> kinds;

  /**
   * Constructs a provider.
   *
   * @param engineName DJL's name of the engine
   * @param models the class of the engine's DJL models
   * @param kinds the supported kinds of model
   */
  protected AbstractModelProvider(
      String engineName, Class<? extends Model> models, ModelKind... kinds) {
    this.engineName = engineName;
    this.models = models;
    this.kinds = List.of(kinds);
  }

  @Override
  public final String engineName() {
    return engineName;
  }

  @Override
  public final List<ModelKind> kinds() {
    return kinds;
  }

  @Override
  public final boolean accepts(Model model) {
    return models.isInstance(model);
  }

  @Override
  public final ExplainableModel create(Model model, LoadOptions options) {
    if (model.getBlock() == null) {
      throw new IllegalArgumentException(
          "model '"
              + model.getName()
              + "' has no block; call "
              + (kinds.contains(BLOCKS) ? "setBlock or load" : "load")
              + " first");
    }
    return open(model, options);
  }

  /**
   * Implements {@link #create}.
   *
   * @param model a model of this engine, with a block; the caller still owns it
   * @param options settings that override what the model declares
   * @return the explainable model
   */
  protected abstract ExplainableModel open(Model model, LoadOptions options);

  /**
   * Opens a model that will own a resource, and closes the resource if this fails.
   *
   * @param close closes the resource
   * @param open creates the model
   * @param failed creates the error for an exception that is not an {@link XAIException}
   * @return the explainable model
   */
  protected static ExplainableModel openOrClose(
      Runnable close,
      Callable<ExplainableModel> open,
      Function<? super Exception, XAIException> failed) {
    boolean opened = false;
    try {
      ExplainableModel model = open.call();
      opened = true;
      return model;
    } catch (XAIException e) {
      throw e;
    } catch (Exception e) {
      throw failed.apply(e);
    } finally {
      if (!opened) {
        close.run();
      }
    }
  }
}
