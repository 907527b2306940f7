package org.aucmedi.xai.importer.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.aucmedi.xai.importer.TensorType;
import org.aucmedi.xai.importer.onnx.Operators.Operator;

/** Normalisations and softmax. */
final class NormalizationOperators {

  private NormalizationOperators() {}

  static void register(Map<String, Operator> operators) {
    operators.put("BatchNormalization", NormalizationOperators::batch);
    operators.put("InstanceNormalization", NormalizationOperators::instance);
    operators.put("LayerNormalization", NormalizationOperators::layer);
    operators.put("GroupNormalization", NormalizationOperators::group);
    operators.put("LRN", NormalizationOperators::localResponse);
    operators.put("LpNormalization", NormalizationOperators::lp);
    operators.put("MeanVarianceNormalization", NormalizationOperators::meanVariance);
    operators.put("Softmax", step -> softmax(step, "softmax"));
    operators.put("LogSoftmax", step -> softmax(step, "log_softmax"));
  }

  private static void batch(Step step) {
    if (step.i("training_mode", 0) != 0) {
      throw step.unsupported("is in training mode; export the model for inference");
    }
    step.out(
        "torch.batch_norm(%s, %s, %s, %s, %s, False, 0.1, %s, True)"
            .formatted(
                step.x(0),
                step.x(1, "weight"),
                step.x(2, "bias"),
                step.x(3, "running_mean"),
                step.x(4, "running_var"),
                Step.number(step.f("epsilon", 1e-5f))),
        step.type(0),
        step.shape(0));
  }

  private static void instance(Step step) {
    step.out(
        "torch.instance_norm(%s, %s, %s, None, None, True, 0.1, %s, True)"
            .formatted(
                step.x(0),
                step.x(1, "weight"),
                step.x(2, "bias"),
                Step.number(step.f("epsilon", 1e-5f))),
        step.type(0),
        step.shape(0));
  }

  private static void layer(Step step) {
    int rank = step.rank(0);
    int axis = step.in(0).axis(step.i("axis", -1));
    String arguments =
        "(%s, %s, %s, %s, %s"
            .formatted(
                step.x(0),
                Step.list(step.sizes(0, axis, rank)),
                step.x(1, "weight"),
                step.optional(2, "bias"),
                Step.number(step.f("epsilon", 1e-5f)));
    if (!step.isNeeded(1) && !step.isNeeded(2)) {
      step.out("torch.layer_norm" + arguments + ", True)", step.type(0), step.shape(0));
      return;
    }
    long[] moments = step.shape(0).clone();
    Arrays.fill(moments, axis, rank, 1);
    TensorType moment = new TensorType(step.type(0), new Shape(moments));
    step.outAll(
        "torch.native_layer_norm" + arguments + ")",
        List.of(new TensorType(step.type(0), new Shape(step.shape(0))), moment, moment));
  }

  private static void group(Step step) {
    long groups = step.i("num_groups", 1);
    // Until opset 20 there is one scale per group.
    boolean perGroup = step.opset() < 21 && step.shape(1)[0] == groups;
    long channels = step.shape(0)[1];
    String[] affine = {step.x(1, "weight"), step.x(2, "bias")};
    if (perGroup && channels != groups) {
      if (channels < 0) {
        throw step.unsupported("has an unknown number of channels; export it with a fixed one");
      }
      for (int i = 0; i < 2; i++) {
        affine[i] = "torch.repeat_interleave(%s, %s)".formatted(affine[i], channels / groups);
      }
    }
    step.out(
        "torch.group_norm(%s, %s, %s, %s, %s, True)"
            .formatted(
                step.x(0), groups, affine[0], affine[1], Step.number(step.f("epsilon", 1e-5f))),
        step.type(0),
        step.shape(0));
  }

  /** x / (bias + alpha / size * sum of the squares of neighbouring channels)^beta. */
  private static void localResponse(Step step) {
    long size = step.i("size", 1);
    int rank = step.rank(0);
    long before = (size - 1) / 2;
    List<String> pads = new ArrayList<>();
    IntStream.range(2, rank).forEach(axis -> pads.addAll(List.of("0", "0")));
    pads.add(String.valueOf(before));
    pads.add(String.valueOf(size - 1 - before));
    String x = step.x(0);
    // Channels become one axis of windows: (N, 1, C, positions).
    String flat =
        "torch.flatten(torch.unsqueeze(torch.constant_pad_nd(torch.mul(%s, %s), %s), 1), 3, -1)"
            .formatted(x, x, Step.list(pads));
    String mean =
        "torch.reshape(torch.avg_pool2d(%s, [%s, 1], [1, 1], [0, 0], False, True), torch.size(%s))"
            .formatted(rank == 2 ? "torch.unsqueeze(" + flat + ", 3)" : flat, size, x);
    step.out(
        "torch.div(%s, torch.pow(torch.add(torch.mul(%s, %s), %s), %s))"
            .formatted(
                x,
                mean,
                Step.number(step.f("alpha", 1e-4f)),
                Step.number(step.f("bias", 1)),
                Step.number(step.f("beta", 0.75f))),
        step.type(0),
        step.shape(0));
  }

  private static void lp(Step step) {
    int axis = step.in(0).axis(step.i("axis", -1));
    String x = step.x(0);
    String norm =
        step.i("p", 2) == 1
            ? "torch.sum(torch.abs(%s), [%s], True)".formatted(x, axis)
            : "torch.sqrt(torch.sum(torch.mul(%s, %s), [%s], True))".formatted(x, x, axis);
    // Zeros stay zeros.
    step.out(
        "torch.div(%s, torch.clamp_min(%s, 1e-30))".formatted(x, norm),
        step.type(0),
        step.shape(0));
  }

  private static void meanVariance(Step step) {
    long[] axes = step.ints("axes");
    String list = Step.list(axes == null ? new long[] {0, 2, 3} : axes);
    String x = step.x(0);
    String centred =
        step.let(
            "torch.sub(%s, torch.mean(%s, %s, True))".formatted(x, x, list),
            step.type(0),
            step.shape(0));
    step.out(
        "torch.div(%s, torch.add(torch.sqrt(torch.mean(torch.mul(%s, %s), %s, True)), 1e-9))"
            .formatted(centred, centred, centred, list),
        step.type(0),
        step.shape(0));
  }

  /** Until opset 12, all axes from the given one on are one. */
  private static void softmax(Step step, String function) {
    boolean old = step.opset() < 13;
    int axis = step.in(0).axis(step.i("axis", old ? 1 : -1));
    long[] shape = step.shape(0);
    boolean oneAxis =
        axis == shape.length - 1
            || LongStream.of(shape).skip(axis + 1L).allMatch(size -> size == 1);
    String x = step.x(0);
    step.out(
        old && !oneAxis
            ? "torch.reshape(torch.%s(torch.flatten(%s, %s, -1), %s), torch.size(%s))"
                .formatted(function, x, axis, axis, x)
            : "torch.%s(%s, %s)".formatted(function, x, axis),
        step.type(0),
        shape);
  }
}
