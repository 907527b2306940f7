package org.aucmedi.xai.importer;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.aucmedi.xai.model.ChannelLayout;
import org.jspecify.annotations.Nullable;

/**
 * A network as a sequence of layers. Everything that its outputs do not depend on has been left
 * out.
 */
public final class Graph {

  private final ImmutableMap<String, Value> inputs;
  private final ImmutableList<LayerBuilder> layers;
  private final ImmutableMap<String, Value> outputs;
  private final @Nullable ChannelLayout layout;
  private final @Nullable String defaultOutput;

  private Graph(Builder builder) {
    this.inputs = ImmutableMap.copyOf(builder.inputs);
    this.outputs = ImmutableMap.copyOf(builder.outputs);
    this.layout = builder.layout;
    this.defaultOutput = builder.defaultOutput;
    Set<Value> needed = new HashSet<>(outputs.values());
    for (LayerBuilder layer : builder.layers.reverse()) {
      layer.removeUnneeded(needed);
    }
    this.layers =
        builder.layers.stream()
            .filter(layer -> !layer.statements().isEmpty())
            .collect(ImmutableList.toImmutableList());
  }

  /** {@return a builder of an empty graph} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the inputs by name, in their order} */
  public Map<String, Value> inputs() {
    return inputs;
  }

  /** {@return the outputs by name, in their order} */
  public Map<String, Value> outputs() {
    return outputs;
  }

  /** {@return where the images have their channels, null if it is not known} */
  public @Nullable ChannelLayout layout() {
    return layout;
  }

  /** {@return the output to explain if none is chosen, null if one has to be} */
  public @Nullable String defaultOutput() {
    return defaultOutput;
  }

  ImmutableList<LayerBuilder> layers() {
    return layers;
  }

  /** The shape of the only input, null if it is not known or there are several. */
  @Nullable Shape inputShape() {
    return inputs.size() == 1 ? inputs.values().iterator().next().type().shape() : null;
  }

  /** Builds a {@link Graph}, layer by layer in the order in which they run. */
  public static final class Builder {

    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private ImmutableList<LayerBuilder> layers = ImmutableList.of();
    private final ImmutableList.Builder<LayerBuilder> made = ImmutableList.builder();
    private @Nullable ChannelLayout layout;
    private @Nullable String defaultOutput;

    private Builder() {}

    /**
     * Adds an input.
     *
     * @param name its name
     * @param type its type; the first dimension of a batch is -1
     * @return the value
     */
    public Value input(String name, TensorType type) {
      Value value = new Value(type, null, null);
      if (inputs.put(name, value) != null) {
        throw new IllegalArgumentException("two inputs are named " + name);
      }
      return value;
    }

    /**
     * Starts a layer. Operations that are given to it, now or later, run in its place in the order
     * of layers. A second layer of the same name, with the same operations and weights, is a second
     * call of the same layer.
     *
     * @param name the layer's name in the file
     * @param torchClass the name of a Python class that says its kind, for instance {@code
     *     torch.nn.modules.conv.Conv2d}
     * @return the layer
     */
    public LayerBuilder layer(String name, String torchClass) {
      LayerBuilder layer = new LayerBuilder(name, torchClass);
      made.add(layer);
      return layer;
    }

    /**
     * Adds an output.
     *
     * @param name its name
     * @param value what it is
     * @return this builder
     */
    public Builder output(String name, Value value) {
      if (outputs.put(name, value) != null) {
        throw new IllegalArgumentException("two outputs are named " + name);
      }
      return this;
    }

    /**
     * Says where the images have their channels.
     *
     * @param value the layout
     * @return this builder
     */
    public Builder layout(ChannelLayout value) {
      this.layout = value;
      return this;
    }

    /**
     * Says which of several outputs to explain if none is chosen.
     *
     * @param name the name of the output
     * @return this builder
     */
    public Builder defaultOutput(String name) {
      this.defaultOutput = name;
      return this;
    }

    /** {@return the graph, without what its outputs do not depend on} */
    public Graph build() {
      if (outputs.isEmpty()) {
        throw new IllegalStateException("a graph needs an output");
      }
      layers = made.build();
      return new Graph(this);
    }
  }
}
