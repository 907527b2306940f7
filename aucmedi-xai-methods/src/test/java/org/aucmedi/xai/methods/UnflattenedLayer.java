package org.aucmedi.xai.methods;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.stream.Collectors;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.model.LayerGradients;
import org.aucmedi.xai.model.OutputGradient;

/**
 * The golden network resmini as TorchScript, with a layer for its functional ReLU: the dropout that
 * passes on what it gives, flattened with channels last.
 */
final class UnflattenedLayer {

  private static final String DROPOUT = "drop";

  private UnflattenedLayer() {}

  static ExplainableModel of(ExplainableModel model, String layer) {
    return (ExplainableModel)
        Proxy.newProxyInstance(
            UnflattenedLayer.class.getClassLoader(),
            new Class<?>[] {ExplainableModel.class},
            (proxy, method, arguments) -> {
              try {
                if (method.getName().equals("layerGradients") && layer.equals(arguments[2])) {
                  return unflatten(
                      model.layerGradients(
                          (NDArray) arguments[0], (OutputGradient) arguments[1], DROPOUT));
                }
                return method.invoke(model, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static LayerGradients unflatten(LayerGradients flat) {
    return new LayerGradients(
        flat.output(),
        unflatten(flat.activations()),
        flat.gradients().stream()
            .map(UnflattenedLayer::unflatten)
            .collect(Collectors.toCollection(NDList::new)));
  }

  private static NDArray unflatten(NDArray flat) {
    try (flat;
        NDArray last = flat.reshape(-1, 5, 7, 24)) {
      return last.transpose(0, 3, 1, 2);
    }
  }
}
