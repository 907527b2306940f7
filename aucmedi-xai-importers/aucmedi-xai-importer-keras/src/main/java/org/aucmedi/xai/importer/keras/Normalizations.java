package org.aucmedi.xai.importer.keras;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.aucmedi.xai.importer.Literals;
import org.aucmedi.xai.importer.Operation;
import org.aucmedi.xai.importer.Operations;
import org.aucmedi.xai.importer.Value;

/** Normalisations, and scaling by constants. */
final class Normalizations {

  /** Keras's constant, which is added where a standard deviation could be zero. */
  private static final double EPSILON = 1e-7;

  private Normalizations() {}

  static void addTo(Map<String, LayerRule> rules) {
    for (String name :
        new String[] {
          "BatchNormalization",
          "BatchNormalizationV1",
          "BatchNormalizationV2",
          "SyncBatchNormalization"
        }) {
      rules.put(name, LayerRules.one(Normalizations::batch));
    }
    rules.put("LayerNormalization", LayerRules.one(Normalizations::layer));
    rules.put("RMSNormalization", LayerRules.one(Normalizations::rootMeanSquare));
    rules.put("GroupNormalization", LayerRules.one(Normalizations::group));
    rules.put("UnitNormalization", LayerRules.one(Normalizations::unit));
    rules.put("Normalization", LayerRules.one(Normalizations::standardize));
    rules.put("Rescaling", LayerRules.one(Normalizations::rescale));
    rules.put("LayerScale", LayerRules.one(Normalizations::scale));
  }

  private static Value scaleOr(
      LayerCall call, String flag, String role, float otherwise, long... shape) {
    return scaleOr(call, flag, role, otherwise, shape, shape);
  }

  /**
   * A weight, or a constant where the layer has none.
   *
   * @param stored the weight's shape in the file
   * @param shape the same elements as they are needed
   */
  private static Value scaleOr(
      LayerCall call, String flag, String role, float otherwise, long[] stored, long... shape) {
    if (call.flag(flag, true)) {
      return call.weight(role, constant -> constant.reshaped(shape), stored);
    }
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(values, otherwise);
    return call.constant(role, values, shape);
  }

  private static int axis(LayerCall call, int rank) {
    int axis = call.list("axis", -1)[0];
    return axis < 0 ? axis + rank : axis;
  }

  private static Value batch(LayerCall call) {
    Value input = call.input();
    int rank = LayerCall.rank(input);
    int axis = axis(call, rank);
    call.start("torch.nn.modules.batchnorm.BatchNorm" + Math.max(1, Math.min(rank - 2, 3)) + "d");
    boolean last = axis == rank - 1 && rank > 2;
    if (!last && axis != 1) {
      throw call.unsupported("normalises axis " + axis + "; only the second and the last are");
    }
    long channels = call.size(input, axis);
    Value gamma = scaleOr(call, "scale", "gamma", 1, channels);
    Value beta = scaleOr(call, "center", "beta", 0, channels);
    Value mean = call.weight("moving_mean", channels);
    Value variance = call.weight("moving_variance", channels);
    Value moved = last ? call.apply(Operations.channelsFirst(rank), input) : input;
    Value result =
        call.apply(
            Operations.batchNorm(call.number("epsilon", 1e-3)), moved, gamma, beta, mean, variance);
    return last ? call.apply(Operations.channelsLast(rank), result) : result;
  }

  private static Value layer(LayerCall call) {
    if (call.flag("rms_scaling", false)) {
      return rootMeanSquare(call);
    }
    call.start("torch.nn.modules.normalization.LayerNorm");
    Value input = call.input();
    int rank = LayerCall.rank(input);
    int[] given =
        Arrays.stream(call.list("axis", -1)).map(axis -> axis < 0 ? axis + rank : axis).toArray();
    int[] axes = Arrays.stream(given).sorted().toArray();
    long[] sizes = Arrays.stream(axes).mapToLong(axis -> call.size(input, axis)).toArray();
    // Keras stores weights in the order in which the axes are given, and applies them in theirs.
    long[] stored = Arrays.stream(given).mapToLong(axis -> call.size(input, axis)).toArray();
    Value gamma = scaleOr(call, "scale", "gamma", 1, stored, sizes);
    Value beta = scaleOr(call, "center", "beta", 0, stored, sizes);
    // PyTorch normalises the last axes: those of the layer are moved there, and back.
    int[] order =
        IntStream.concat(
                IntStream.range(0, rank).filter(axis -> Arrays.binarySearch(axes, axis) < 0),
                Arrays.stream(axes))
            .toArray();
    int[] back = new int[rank];
    Arrays.setAll(back, axis -> Ints.indexOf(order, axis));
    boolean inPlace = Arrays.equals(order, IntStream.range(0, rank).toArray());
    Value moved = inPlace ? input : call.apply(Operations.permute(order), input);
    Value result =
        call.apply(
            Operation.sameType(
                "torch.layer_norm({0}, %s, {1}, {2}, %s)"
                    .formatted(Literals.of(sizes), Literals.of(call.number("epsilon", 1e-3)))),
            moved,
            gamma,
            beta);
    return inPlace ? result : call.apply(Operations.permute(back), result);
  }

  private static Value rootMeanSquare(LayerCall call) {
    Value input = call.input();
    int rank = LayerCall.rank(input);
    if (axis(call, rank) != rank - 1) {
      throw call.unsupported("normalises another axis than the last");
    }
    call.start("torch.nn.modules.normalization.RMSNorm");
    Value scale = call.weight("scale", call.size(input, -1));
    return call.apply(
        Operation.sameType(
            "torch.mul(torch.mul({0}, torch.rsqrt(torch.add(torch.mean(torch.mul({0}, {0}), [-1],"
                + " True), %s))), {1})".formatted(Literals.of(call.number("epsilon", 1e-6)))),
        input,
        scale);
  }

  private static Value group(LayerCall call) {
    Value input = call.input();
    int rank = LayerCall.rank(input);
    int axis = axis(call, rank);
    if (axis != rank - 1 && axis != 1) {
      throw call.unsupported("normalises axis " + axis + "; only the second and the last are");
    }
    boolean last = axis == rank - 1 && rank > 2;
    long channels = call.size(input, axis);
    int groups = (int) call.number("groups", 32);
    call.start("torch.nn.modules.normalization.GroupNorm");
    Value gamma = scaleOr(call, "scale", "gamma", 1, channels);
    Value beta = scaleOr(call, "center", "beta", 0, channels);
    Value moved = last ? call.apply(Operations.channelsFirst(rank), input) : input;
    Value result =
        call.apply(
            Operation.sameType(
                "torch.group_norm({0}, %d, {1}, {2}, %s)"
                    .formatted(
                        groups < 0 ? channels : groups, Literals.of(call.number("epsilon", 1e-3)))),
            moved,
            gamma,
            beta);
    return last ? call.apply(Operations.channelsLast(rank), result) : result;
  }

  private static Value unit(LayerCall call) {
    return call.apply(
        Operation.sameType(
            "torch.mul({0}, torch.rsqrt(torch.clamp(torch.sum(torch.mul({0}, {0}), %s, True),"
                    .formatted(Literals.of(call.list("axis", -1)))
                + " 1.0e-12)))"),
        call.input());
  }

  /** Mean and variance are in the configuration, or were learnt by {@code adapt}. */
  private static Value standardize(LayerCall call) {
    Value input = call.input();
    int rank = LayerCall.rank(input);
    int[] axes = call.list("axis", -1);
    long[] kept = new long[axes.length];
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i] < 0 ? axes[i] + rank : axes[i];
      kept[i] = call.size(input, axis);
      shape[axis] = kept[i];
    }
    float[] mean = call.numbers("mean");
    float[] variance = call.numbers("variance");
    Value centre;
    Value spread;
    if (mean.length > 0) {
      int size = (int) Arrays.stream(kept).reduce(1, (a, b) -> a * b);
      centre = call.constant("mean", spreadOut(mean, size), shape);
      spread = call.constant("variance", spreadOut(variance, size), shape);
    } else {
      centre = call.weight("mean", constant -> constant.reshaped(shape), kept);
      spread = call.weight("variance", constant -> constant.reshaped(shape), kept);
    }
    String deviation = "torch.clamp(torch.sqrt({2}), %s)".formatted(Literals.of(EPSILON));
    return call.apply(
        Operation.sameType(
            call.flag("invert", false)
                ? "torch.add({1}, torch.mul({0}, " + deviation + "))"
                : "torch.div(torch.sub({0}, {1}), " + deviation + ")"),
        input,
        centre,
        spread);
  }

  /** One number counts for all. */
  private static float[] spreadOut(float[] values, int size) {
    if (values.length == 1) {
      float[] all = new float[size];
      Arrays.fill(all, values[0]);
      return all;
    }
    return values;
  }

  private static Value rescale(LayerCall call) {
    Value scale = row(call, "scale", 1);
    Value offset = row(call, "offset", 0);
    return call.apply(
        Operation.sameType("torch.add(torch.mul({0}, {1}), {2})"), call.input(), scale, offset);
  }

  private static Value row(LayerCall call, String key, float otherwise) {
    float[] values = call.numbers(key);
    return call.constant(
        key, values.length == 0 ? new float[] {otherwise} : values, Math.max(1, values.length));
  }

  private static Value scale(LayerCall call) {
    long channels = call.size(call.input(), -1);
    return call.apply(Operations.binary("mul"), call.input(), call.weight("gamma", channels));
  }
}
