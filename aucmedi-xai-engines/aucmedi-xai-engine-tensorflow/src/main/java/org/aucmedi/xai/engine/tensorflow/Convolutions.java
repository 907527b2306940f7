package org.aucmedi.xai.engine.tensorflow;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import org.aucmedi.xai.engine.support.ConvolutionCheck;
import org.aucmedi.xai.engine.support.ConvolutionCheck.Convolution;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/** TensorFlow's convolutions, whose gradients are checked before the first model is explained. */
final class Convolutions {

  static final ConvolutionCheck CHECK =
      new ConvolutionCheck(TensorFlowModelProvider.ENGINE, Convolutions::inputGradient);

  private Convolutions() {}

  private static float[] inputGradient(NDManager manager, Convolution convolution) {
    int images = Convolution.IMAGES;
    int in = convolution.in();
    int out = convolution.out();
    int height = convolution.height();
    int width = convolution.width();
    int side = convolution.side();
    try (NativeGraph graph = NativeGraph.running();
        Tensors values = new Tensors(graph)) {
      Endpoint sizes = placeholder(graph, "sizes", DataType.DT_INT32);
      Endpoint kernel = placeholder(graph, "kernel", DataType.DT_FLOAT);
      Endpoint outputGradient = placeholder(graph, "dy", DataType.DT_FLOAT);
      Endpoint gradient =
          graph.add(
              "Conv2DBackpropInput",
              "dx",
              List.of(sizes, kernel, outputGradient),
              Map.of(
                  "T", Attributes.of(DataType.DT_FLOAT),
                  "strides", Attributes.of(List.of(1L, 1L, 1L, 1L)),
                  "padding", AttrValue.newBuilder().setS(ByteString.copyFromUtf8("SAME")).build()));
      values.put(sizes, manager.create(new int[] {images, height, width, in}));
      values.put(
          kernel,
          manager
              .create(convolution.kernel(), new Shape(out, in, side, side))
              .transpose(2, 3, 1, 0));
      values.put(
          outputGradient,
          manager
              .create(convolution.outputGradient(), new Shape(images, out, height, width))
              .transpose(0, 2, 3, 1));
      Map<Endpoint, Endpoint> fed =
          Map.of(sizes, sizes, kernel, kernel, outputGradient, outputGradient);
      try (Tensors found = values.run(fed, List.of(gradient))) {
        return found.array(manager, gradient).transpose(0, 3, 1, 2).toFloatArray();
      }
    }
  }

  private static Endpoint placeholder(NativeGraph graph, String name, DataType type) {
    return graph.add("Placeholder", name, List.of(), Map.of("dtype", Attributes.of(type)));
  }
}
