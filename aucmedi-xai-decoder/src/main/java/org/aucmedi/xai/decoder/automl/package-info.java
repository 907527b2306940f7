/**
 * Reads the model folders that AUCMEDI AutoML leaves behind: {@code meta.training.json} and the
 * trained model.
 *
 * <p>{@link org.aucmedi.xai.decoder.automl.AucmediModel} loads such a folder and prepares images
 * the way the model was trained:
 *
 * <pre>{@code
 * try (AucmediModel model = AucmediModel.load(Path.of("model"))) {
 *   DataGenerator images = model.generator().addSamples(Path.of("test"), List.of("a.png")).build();
 *   model.predict(images).predictions().write(Path.of("preds.csv"));
 *   XAIDecoder.builder()
 *       .setModel(model.explainable())
 *       .setGenerator(images)
 *       .optMethod("gradcam")
 *       .optAlpha(AucmediModel.ALPHA)
 *       .optOutput(Path.of("xai"), OutputFormat.PNG)
 *       .build()
 *       .decode();
 * }
 * }</pre>
 */
@NullMarked
package org.aucmedi.xai.decoder.automl;

import org.jspecify.annotations.NullMarked;
