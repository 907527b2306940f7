/**
 * Runs an explanation method over a set of images, like AUCMEDI's {@code xai_decoder}.
 *
 * <p>A {@link org.aucmedi.xai.decoder.DataGenerator} loads and prepares images, an {@link
 * org.aucmedi.xai.decoder.XAIDecoder} explains them in batches, resizes the maps to the processed
 * images and returns or writes them.
 *
 * <pre>{@code
 * DataGenerator generator =
 *     DataGenerator.builder()
 *         .addSamples(Path.of("images"), List.of("WBC/WBC_00019_1.png"))
 *         .optStandardize(Standardize.TF)
 *         .build();
 * DecoderResult result =
 *     XAIDecoder.builder()
 *         .setModel(model)
 *         .setGenerator(generator)
 *         .optMethod("saliency")
 *         .optOutput(Path.of("out"), OutputFormat.PNG)
 *         .build()
 *         .decode();
 * }</pre>
 */
@NullMarked
package org.aucmedi.xai.decoder;

import org.jspecify.annotations.NullMarked;
