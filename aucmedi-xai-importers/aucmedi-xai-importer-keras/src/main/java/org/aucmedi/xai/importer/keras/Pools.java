package org.aucmedi.xai.importer.keras;

import java.util.Map;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Operations.Window;
import org.aucmedi.xai.importer.Value;

/** Pooling over windows and over the whole image. */
final class Pools {

  private Pools() {}

  static void addTo(Map<String, LayerRule> rules) {
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      rules.put("MaxPooling" + axes + "D", LayerRules.one(call -> max(call, spatial)));
      rules.put("MaxPool" + axes + "D", LayerRules.one(call -> max(call, spatial)));
      rules.put("AveragePooling" + axes + "D", LayerRules.one(call -> average(call, spatial)));
      rules.put("AvgPool" + axes + "D", LayerRules.one(call -> average(call, spatial)));
      for (String prefix : new String[] {"GlobalMax", "GlobalAverage", "GlobalAvg"}) {
        String function = prefix.equals("GlobalMax") ? "amax" : "mean";
        for (String suffix : new String[] {"Pooling", "Pool"}) {
          rules.put(
              prefix + suffix + axes + "D",
              LayerRules.one(call -> global(call, spatial, function)));
        }
      }
    }
  }

  private static int[] stride(LayerCall call, int[] kernel) {
    int[] stride = call.axes("strides", kernel.length, 0);
    return stride[0] == 0 ? kernel : stride;
  }

  private static Value max(LayerCall call, int axes) {
    call.start("torch.nn.modules.pooling.MaxPool" + axes + "d");
    int[] kernel = call.axes("pool_size", axes, 2);
    int[] stride = stride(call, kernel);
    Value image = call.toChannelsFirst(call.input());
    Padding padding = Padding.of(call, image, kernel, stride, Padding.ones(axes));
    Value padded = padding.apply(call, image, Double.NEGATIVE_INFINITY);
    Window window = new Window(kernel, stride, padding.symmetric(), Padding.ones(axes));
    return call.fromChannelsFirst(call.apply(Operations.maxPool(window, false), padded));
  }

  /** The border does not count: the mean is over the part of the window inside the image. */
  private static Value average(LayerCall call, int axes) {
    call.start("torch.nn.modules.pooling.AvgPool" + axes + "d");
    int[] kernel = call.axes("pool_size", axes, 2);
    int[] stride = stride(call, kernel);
    Value image = call.toChannelsFirst(call.input());
    Padding padding = Padding.of(call, image, kernel, stride, Padding.ones(axes));
    Value padded = padding.apply(call, image, 0);
    Window window = new Window(kernel, stride, padding.symmetric(), Padding.ones(axes));
    Operation pool = Operations.averagePool(window, false, false);
    Value result = call.apply(pool, padded);
    if (padded != image) {
      Value inside = call.apply(Operation.sameType("torch.ones_like({0})"), image);
      Value share = call.apply(pool, padding.apply(call, inside, 0));
      result = call.apply(Operations.binary("div"), result, share);
    }
    return call.fromChannelsFirst(result);
  }

  private static Value global(LayerCall call, int axes, String function) {
    String kind = function.equals("mean") ? "AdaptiveAvgPool" : "AdaptiveMaxPool";
    call.start("torch.nn.modules.pooling." + kind + axes + "d");
    int first = call.isChannelsFirst() ? 2 : 1;
    return call.apply(
        Operations.reduce(
            function, call.flag("keepdims", false), IntStream.range(first, first + axes).toArray()),
        call.input());
  }
}
