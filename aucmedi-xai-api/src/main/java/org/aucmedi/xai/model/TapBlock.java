package org.aucmedi.xai.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes part of a custom block visible as a layer.
 *
 * <p>Only a block's own code knows the order in which it calls its children, so a custom {@link
 * ai.djl.nn.AbstractBlock} is a single layer, and ReLUs inside it keep their ordinary derivative.
 * Wrap the parts that should be layers, or whose ReLUs guided backpropagation should find:
 *
 * <pre>{@code
 * final class Unit extends AbstractBlock {
 *   private final Block conv =
 *       addChildBlock("conv", new TapBlock(Conv2d.builder()...build()));
 *   private final Block relu = addChildBlock("relu", new TapBlock(Activation.reluBlock()));
 *   ...
 * }
 * }</pre>
 *
 * <p>The layer is named after the child, {@code 01conv}, below the path of the enclosing block. A
 * wrapped {@link ai.djl.nn.SequentialBlock} or {@link ai.djl.nn.ParallelBlock} shows its inner
 * layers too. The enclosing block must pass on the {@link ParameterStore} that it is given.
 *
 * <p>Otherwise the wrapper is transparent: it computes the same output, has the same parameters and
 * children, and reads and writes the same parameter files as the wrapped block.
 */
public final class TapBlock implements Block {

  private final Block block;

  /**
   * Wraps a block.
   *
   * @param block the block to wrap
   */
  public TapBlock(Block block) {
    this.block = Objects.requireNonNull(block, "block");
  }

  /**
   * A hook for wrapped blocks, implemented by the {@link ParameterStore} of a pass that needs to
   * see them.
   */
  @FunctionalInterface
  public interface Hook {

    /**
     * Runs a wrapped block in inference mode.
     *
     * @param tap the block that was called
     * @param inputs the inputs of the block
     * @param params the optional parameters of the call
     * @return the block's output, or a replacement for it
     */
    NDList forward(TapBlock tap, NDList inputs, @Nullable PairList<String, Object> params);
  }

  /** {@return the wrapped block} */
  public Block getBlock() {
    return block;
  }

  @Override
  public NDList forward(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    return !training && parameterStore instanceof Hook hook
        ? hook.forward(this, inputs, params)
        : block.forward(parameterStore, inputs, training, params);
  }

  @Override
  public NDList forward(
      ParameterStore parameterStore,
      NDList data,
      NDList labels,
      @Nullable PairList<String, Object> params) {
    return block.forward(parameterStore, data, labels, params);
  }

  @Override
  public void setInitializer(Initializer initializer, Parameter.Type type) {
    block.setInitializer(initializer, type);
  }

  @Override
  public void setInitializer(Initializer initializer, String paramName) {
    block.setInitializer(initializer, paramName);
  }

  @Override
  public void setInitializer(Initializer initializer, Predicate<Parameter> predicate) {
    block.setInitializer(initializer, predicate);
  }

  @Override
  public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
    block.initialize(manager, dataType, inputShapes);
  }

  @Override
  public boolean isInitialized() {
    return block.isInitialized();
  }

  @Override
  public void cast(DataType dataType) {
    block.cast(dataType);
  }

  @Override
  public void clear() {
    block.clear();
  }

  @Override
  public PairList<String, Shape> describeInput() {
    return block.describeInput();
  }

  @Override
  public BlockList getChildren() {
    return block.getChildren();
  }

  @Override
  public ParameterList getDirectParameters() {
    return block.getDirectParameters();
  }

  @Override
  public ParameterList getParameters() {
    return block.getParameters();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return block.getOutputShapes(inputShapes);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes, DataType[] inputDataTypes) {
    return block.getOutputShapes(inputShapes, inputDataTypes);
  }

  @Override
  public Shape[] getInputShapes() {
    return block.getInputShapes();
  }

  @Override
  public DataType[] getOutputDataTypes() {
    return block.getOutputDataTypes();
  }

  @Override
  public void saveParameters(DataOutputStream os) throws IOException {
    block.saveParameters(os);
  }

  @Override
  public void loadParameters(NDManager manager, DataInputStream is)
      throws IOException, MalformedModelException {
    block.loadParameters(manager, is);
  }

  @Override
  public void freezeParameters(boolean freeze) {
    block.freezeParameters(freeze);
  }

  @Override
  public void freezeParameters(boolean freeze, Predicate<Parameter> pred) {
    block.freezeParameters(freeze, pred);
  }

  @Override
  public Map<String, String> getCustomMetadata() {
    return block.getCustomMetadata();
  }

  @Override
  public String toString() {
    return block.toString();
  }
}
