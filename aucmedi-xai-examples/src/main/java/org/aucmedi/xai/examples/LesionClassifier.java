package org.aucmedi.xai.examples;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A small convolutional network in plain DJL that tells cells with a lesion (class 1) from healthy
 * ones (class 0). Its outputs are logits.
 *
 * <p>Average pooling keeps gradients smooth, and the head averages over the whole image, so that
 * the network must find a lesion wherever it lies.
 */
final class LesionClassifier {

  static final int BATCH_SIZE = 32;
  static final int TRAINING_IMAGES = 640;
  static final int EPOCHS = 6;

  private LesionClassifier() {}

  /**
   * Trains a network.
   *
   * @param seed for weights, images and their order
   * @param progress receives the number of completed training steps
   * @return the trained model, which the caller closes
   */
  static Model train(long seed, IntConsumer progress) {
    Engine.getEngine("PyTorch").setRandomSeed((int) seed);
    Model model = Model.newInstance("lesions", Device.cpu(), "PyTorch");
    model.setBlock(network());
    Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(0.004f)).build();
    DefaultTrainingConfig config =
        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
            .optOptimizer(adam)
            .optDevices(new Device[] {Device.cpu()});
    try (Trainer trainer = model.newTrainer(config)) {
      trainer.initialize(new Shape(1, 3, CellImages.SIZE, CellImages.SIZE));
      List<CellImages.Sample> images =
          IntStream.range(0, TRAINING_IMAGES).mapToObj(i -> CellImages.draw(seed, i)).toList();
      SplittableRandom random = new SplittableRandom(seed);
      for (int step = 0; step < steps(); step++) {
        List<CellImages.Sample> batch =
            random.ints(BATCH_SIZE, 0, TRAINING_IMAGES).mapToObj(images::get).toList();
        learn(trainer, batch);
        progress.accept(step + 1);
      }
    }
    return model;
  }

  /** Returns how many steps a training takes. */
  static int steps() {
    return EPOCHS * TRAINING_IMAGES / BATCH_SIZE;
  }

  private static Block network() {
    return new SequentialBlock()
        .add(convolution(3, 16))
        .add(Activation.reluBlock())
        .add(convolution(3, 16))
        .add(BatchNorm.builder().build())
        .add(Activation.reluBlock())
        .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(3, 24))
        .add(BatchNorm.builder().build())
        .add(Activation.reluBlock())
        .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(3, 32))
        .add(Activation.reluBlock())
        .add(Pool.globalAvgPool2dBlock())
        .add(Linear.builder().setUnits(2).build());
  }

  private static Block convolution(int kernel, int filters) {
    return Conv2d.builder()
        .setKernelShape(new Shape(kernel, kernel))
        .optPadding(new Shape(kernel / 2, kernel / 2))
        .setFilters(filters)
        .build();
  }

  private static void learn(Trainer trainer, List<CellImages.Sample> batch) {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      NDArray images = images(manager, batch);
      images.attach(manager);
      float[] labels = new float[batch.size()];
      for (int n = 0; n < labels.length; n++) {
        labels[n] = batch.get(n).hasLesion() ? 1 : 0;
      }
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList output = trainer.forward(new NDList(images));
        collector.backward(trainer.getLoss().evaluate(new NDList(manager.create(labels)), output));
      }
      trainer.step();
    }
  }

  /**
   * Standardises images for the network: from [0, 255] to [-1, 1], channels first.
   *
   * @param manager owns the batch
   * @param samples the images
   * @return (N, 3, H, W)
   */
  static NDArray images(NDManager manager, List<CellImages.Sample> samples) {
    int size = CellImages.SIZE;
    FloatBuffer values = FloatBuffer.allocate(samples.size() * 3 * size * size);
    for (CellImages.Sample sample : samples) {
      for (int c = 0; c < 3; c++) {
        for (int i = 0; i < size * size; i++) {
          values.put(sample.pixels()[i * 3 + c] / 127.5f - 1);
        }
      }
    }
    values.flip();
    return manager.create(values, new Shape(samples.size(), 3, size, size));
  }
}
