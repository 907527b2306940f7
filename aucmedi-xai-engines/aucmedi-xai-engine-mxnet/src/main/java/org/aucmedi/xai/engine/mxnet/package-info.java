/**
 * Legacy: Apache has retired MXNet. What is here keeps working for models that exist; nothing is
 * added. Use another engine for new models.
 *
 * <p>MXNet behind the white-box contract: symbol models, that is {@code NAME-symbol.json} with
 * {@code NAME-0000.params}, and DJL blocks.
 *
 * <p>Nothing here is for direct use; add this module and the native library of your platform to the
 * classpath and use {@link org.aucmedi.xai.model.ExplainableModel}. MXNet's native library exists
 * for Linux, Windows and macOS on x86-64.
 *
 * <p><b>Gradients</b> are MXNet's own, in inference mode, by the input or by the output of a layer
 * alone. For a symbol, what to change is cut out of the graph: it is compiled in segments, and a
 * backward pass carries the gradients over the cuts. The weights are only read. Operators that end
 * a training symbol, such as {@code SoftmaxOutput}, count as their function without the loss.
 *
 * <p><b>Gradients of zero.</b> MXNet gives them for operators without a derivative, such as {@code
 * round}, {@code argmax} and {@code BlockGrad}. Where every path through a symbol passes one,
 * gradients are refused and the operator is named. DJL blocks are programs, whose operators are not
 * known; a gradient that one of them cuts off is zero there.
 *
 * <p><b>NaN.</b> An input that is not a number makes the outputs NaN, as in other engines, unless
 * MXNet's max pooling drops it: its comparisons pass over NaN.
 *
 * <p><b>oneDNN is off.</b> Its max pooling is wrong in a backward pass in inference mode, without
 * an error. With this module in front of DJL's engine on the classpath, the environment variables
 * {@code MXNET_MKLDNN_ENABLED} and {@code MXNET_ONEDNN_ENABLED} become 0 in this process when DJL
 * starts MXNet to open a model, unless they were set before, and the log says so once. To have the
 * module on the classpath and to ask it what it offers changes nothing. From then on it holds for
 * every use of MXNet in the JVM: predictions are slower, those of three-dimensional convolutions
 * much. Who sets the variables to 1 keeps fast predictions and gets an error for gradients; so does
 * a program that loads MXNet without DJL's engine. {@code MXNET_STORAGE_FALLBACK_LOG_VERBOSE=0}
 * goes with it, since MXNet would print a paragraph for every operator.
 */
@NullMarked
package org.aucmedi.xai.engine.mxnet;

import org.jspecify.annotations.NullMarked;
