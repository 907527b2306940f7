package org.aucmedi.xai.importer.keras;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Operations.Window;
import org.aucmedi.xai.importer.Value;
import org.aucmedi.xai.importer.keras.WeightStore.Part;

/** Convolutions of every kind. Keras has kernels as (spatial..., in, out). */
final class Convolutions {

  private Convolutions() {}

  static void addTo(Map<String, LayerRule> rules) {
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      LayerRule convolution = LayerRules.one(call -> convolution(call, spatial));
      LayerRule depthwise = LayerRules.one(call -> depthwise(call, spatial));
      LayerRule separable = LayerRules.one(call -> separable(call, spatial));
      LayerRule transposed = LayerRules.one(call -> transposed(call, spatial));
      rules.put("Conv" + axes + "D", convolution);
      rules.put("Convolution" + axes + "D", convolution);
      rules.put("DepthwiseConv" + axes + "D", depthwise);
      rules.put("SeparableConv" + axes + "D", separable);
      rules.put("SeparableConvolution" + axes + "D", separable);
      rules.put("Conv" + axes + "DTranspose", transposed);
      rules.put("Convolution" + axes + "DTranspose", transposed);
    }
  }

  private static void start(LayerCall call, int axes) {
    call.start("torch.nn.modules.conv.Conv" + axes + "d");
  }

  private static Value convolution(LayerCall call, int axes) {
    start(call, axes);
    int filters = (int) call.number("filters", 0);
    int groups = (int) call.number("groups", 1);
    int[] kernel = call.axes("kernel_size", axes, 1);
    Value image = call.toChannelsFirst(call.input());
    long channels = call.size(image, 1);
    Value weight =
        call.weight(
            "kernel",
            constant -> constant.permuted(outInSpatial(axes)),
            shape(kernel, channels / groups, filters));
    Value result = convolve(call, image, weight, kernel, groups, bias(call, filters));
    return call.activated(call.fromChannelsFirst(result));
  }

  /** From (spatial..., in, out) to (out, in, spatial...). */
  private static int[] outInSpatial(int axes) {
    return IntStream.concat(IntStream.of(axes + 1, axes), IntStream.range(0, axes)).toArray();
  }

  private static long[] shape(int[] kernel, long... channels) {
    long[] shape = Arrays.copyOf(Arrays.stream(kernel).asLongStream().toArray(), kernel.length + 2);
    System.arraycopy(channels, 0, shape, kernel.length, 2);
    return shape;
  }

  private static Value[] bias(LayerCall call, long filters) {
    return call.flag("use_bias", true) ? new Value[] {call.weight("bias", filters)} : new Value[0];
  }

  private static Value convolve(
      LayerCall call, Value image, Value weight, int[] kernel, int groups, Value... bias) {
    int axes = kernel.length;
    int[] stride = call.axes("strides", axes, 1);
    int[] dilation = call.axes("dilation_rate", axes, 1);
    Padding padding = Padding.of(call, image, kernel, stride, dilation);
    Value padded = padding.apply(call, image, 0);
    Window window = new Window(kernel, stride, padding.symmetric(), dilation);
    Operation operation = Operations.convolution(window, groups, bias.length > 0);
    return bias.length > 0
        ? call.apply(operation, padded, weight, bias[0])
        : call.apply(operation, padded, weight);
  }

  private static Value depthwise(LayerCall call, int axes) {
    start(call, axes);
    Value image = call.toChannelsFirst(call.input());
    int[] kernel = call.axes("kernel_size", axes, 1);
    int multiplier = (int) call.number("depth_multiplier", 1);
    long channels = call.size(image, 1);
    Value weight = depthwiseKernel(call, kernel, channels, multiplier);
    Value[] bias = bias(call, channels * multiplier);
    Value result = convolve(call, image, weight, kernel, (int) channels, bias);
    return call.activated(call.fromChannelsFirst(result));
  }

  /** From (spatial..., C, multiplier) to (C * multiplier, 1, spatial...). */
  private static Value depthwiseKernel(
      LayerCall call, int[] kernel, long channels, int multiplier) {
    int axes = kernel.length;
    int[] order =
        IntStream.concat(IntStream.of(axes, axes + 1), IntStream.range(0, axes)).toArray();
    long[] target = new long[axes + 2];
    target[0] = channels * multiplier;
    target[1] = 1;
    for (int axis = 0; axis < axes; axis++) {
      target[axis + 2] = kernel[axis];
    }
    // Keras 3 calls that of a depthwise convolution just a kernel; the order tells as well.
    return call.weight(
        Part.SELF,
        "depthwise_kernel",
        "depthwise_kernel",
        constant -> constant.permuted(order).reshaped(target),
        shape(kernel, channels, multiplier));
  }

  private static Value separable(LayerCall call, int axes) {
    start(call, axes);
    Value image = call.toChannelsFirst(call.input());
    int[] kernel = call.axes("kernel_size", axes, 1);
    int multiplier = (int) call.number("depth_multiplier", 1);
    int filters = (int) call.number("filters", 0);
    long channels = call.size(image, 1);
    Value depthwise = depthwiseKernel(call, kernel, channels, multiplier);
    Value pointwise =
        call.weight(
            "pointwise_kernel",
            constant -> constant.permuted(outInSpatial(axes)),
            shape(Padding.ones(axes), channels * multiplier, filters));
    Value[] bias = bias(call, filters);
    Value middle = convolve(call, image, depthwise, kernel, (int) channels);
    Operation mix =
        Operations.convolution(
            Window.of(Padding.ones(axes), Padding.ones(axes)), 1, bias.length > 0);
    Value result =
        bias.length > 0
            ? call.apply(mix, middle, pointwise, bias[0])
            : call.apply(mix, middle, pointwise);
    return call.activated(call.fromChannelsFirst(result));
  }

  /** The gradient of a convolution, which is cut or filled to the size that Keras gives it. */
  private static Value transposed(LayerCall call, int axes) {
    start(call, axes);
    int filters = (int) call.number("filters", 0);
    int[] kernel = call.axes("kernel_size", axes, 1);
    int[] stride = call.axes("strides", axes, 1);
    int[] dilation = call.axes("dilation_rate", axes, 1);
    boolean same = call.text("padding", "valid").equals("same");
    Value image = call.toChannelsFirst(call.input());
    Value weight =
        call.weight(
            "kernel",
            constant -> constant.permuted(outInSpatial(axes)),
            shape(kernel, filters, call.size(image, 1)));
    Window window = new Window(kernel, stride, new int[axes], dilation);
    Value result =
        call.apply(
            Operations.transposedConvolution(window, new int[axes], 1, false), image, weight);
    int[] added = call.axes("output_padding", axes, -1);
    int[] before = new int[axes];
    int[] after = new int[axes];
    for (int axis = 0; axis < axes; axis++) {
      int reach = (kernel[axis] - 1) * dilation[axis] + 1;
      // What the result is larger than the sum of all strides: full, and as Keras wants it.
      int full = reach - stride[axis];
      int wanted = same ? 0 : Math.max(full, 0);
      if (added[axis] >= 0) {
        wanted = full - (same ? 2 * (reach / 2) : 0) + added[axis];
      }
      before[axis] = same ? -(Math.max(full - wanted, 0) / 2) : 0;
      after[axis] = wanted - full - before[axis];
    }
    result = call.apply(Operations.pad(before, after, 0), result);
    result = call.fromChannelsFirst(result);
    if (call.flag("use_bias", true)) {
      Value bias = call.weight("bias", filters);
      checkArgument(!call.isChannelsFirst(), "channels first with a bias is not supported");
      result = call.apply(Operations.binary("add"), result, bias);
    }
    return call.activated(result);
  }
}
