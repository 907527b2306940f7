/**
 * Legacy: Apache has retired MXNet. This module continues to support existing models, but gets no
 * new features. Use another engine for new models.
 *
 * <p>MXNet behind the white-box contract: symbol models, that is {@code NAME-symbol.json} with
 * {@code NAME-0000.params}, and DJL blocks.
 *
 * <p>Nothing here is for direct use; add this module and the native library of your platform to the
 * classpath and use {@link org.aucmedi.xai.model.ExplainableModel}. MXNet's native library exists
 * for Linux, Windows and macOS on x86-64.
 *
 * <p><b>Gradients</b> are MXNet's own, in inference mode, with respect to the input or the output
 * of a layer only. A symbol is compiled in segments, and a backward pass propagates the gradients
 * across the cuts. The weights are only read. Operators that end a training symbol, such as {@code
 * SoftmaxOutput}, are replaced by their function without the loss.
 *
 * <p><b>Zero gradients.</b> MXNet returns them for operators without a derivative, such as {@code
 * round}, {@code argmax} and {@code BlockGrad}. If every path through a symbol contains one,
 * gradients are refused and the message names the operator. The operators of DJL blocks are
 * unknown; a gradient that one of them blocks is zero.
 *
 * <p><b>NaN.</b> A NaN in the input makes the outputs NaN, as in other engines, unless MXNet's max
 * pooling drops it, since its comparisons ignore NaN.
 *
 * <p><b>oneDNN is disabled.</b> Its max pooling is wrong in a backward pass in inference mode,
 * without an error. If this module precedes DJL's engine on the classpath, it sets the environment
 * variables {@code MXNET_MKLDNN_ENABLED} and {@code MXNET_ONEDNN_ENABLED} to 0 in this process when
 * DJL starts MXNet to open a model, unless they are already set, and logs this once. Merely having
 * the module on the classpath or listing its capabilities changes nothing. The setting then affects
 * all uses of MXNet in the JVM: predictions are slower, those with 3-D convolutions much slower. If
 * you set the variables to 1, predictions stay fast but gradients are refused; the same holds for a
 * program that loads MXNet without DJL's engine. {@code MXNET_STORAGE_FALLBACK_LOG_VERBOSE} is set
 * to 0 as well, since MXNet would log a paragraph for every operator.
 */
@NullMarked
package org.aucmedi.xai.engine.mxnet;

import org.jspecify.annotations.NullMarked;
