/**
 * TensorFlow behind the white-box contract: Keras models exported with {@code model.export}, and
 * any other SavedModel that classifies images.
 *
 * <p>Add this module and {@code org.tensorflow:tensorflow-core-native:1.0.0-rc.1} with the
 * classifier of your platform ({@code linux-x86_64}, {@code macosx-arm64}, {@code windows-x86_64})
 * to the classpath, and use {@link org.aucmedi.xai.model.ExplainableModel}. The first start unpacks
 * the native libraries, 0.6 GB, see {@link org.aucmedi.xai.engine.tensorflow.TensorFlowNative}.
 *
 * <p>A model is explained from the signature {@code serving_default} or its only one; {@link
 * org.aucmedi.xai.model.LoadOptions} name another, and the output to explain where a signature has
 * several, by name or by number in the alphabetical order of their names. Layers have Keras's
 * names, {@code conv2d_3} or {@code resnet50/conv1_conv}, and stand for what Keras's {@code
 * layer.output} is; an inner node such as {@code conv2d_3/BiasAdd}, the convolution before its
 * activation, can be named too. Images have their channels last unless the model declares them
 * first; layers are given as the images are. A batch is always float32; for a signature with an
 * integer type such as uint8 it holds the integer values.
 *
 * <p>TensorFlow logs to the standard error stream; set the environment variable {@code
 * TF_CPP_MIN_LOG_LEVEL=2} to prevent this.
 */
@NullMarked
package org.aucmedi.xai.engine.tensorflow;

import org.jspecify.annotations.NullMarked;
