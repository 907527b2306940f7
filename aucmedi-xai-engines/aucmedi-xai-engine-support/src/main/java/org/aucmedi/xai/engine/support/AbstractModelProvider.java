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

/** What the providers of all engines share. */
public abstract class AbstractModelProvider implements ExplainableModelProvider {

  /** What {@link BlockModel} makes explainable. */
  protected static final ModelKind BLOCKS = ModelKind.ofAll("DJL blocks");

  private final String engineName;
  private final Class<? extends Model> models;
  private final List<ModelKind> kinds;

  /**
   * Constructs a provider.
   *
   * @param engineName DJL's name of the engine
   * @param models the class of the engine's models
   * @param kinds the kinds of model that become explainable
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
   * @param model a model of this engine, with a block; it stays the caller's
   * @param options what is not to be read from the model
   * @return the explainable model
   */
  protected abstract ExplainableModel open(Model model, LoadOptions options);

  /**
   * Opens a model with something that it will own and close, and closes that where this fails.
   *
   * @param close closes what was made before
   * @param open makes the model
   * @param failed makes the error of what else than an {@link XAIException} is thrown
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
