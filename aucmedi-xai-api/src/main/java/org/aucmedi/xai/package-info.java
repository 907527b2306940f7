/**
 * The API for users and method authors.
 *
 * <p>{@link org.aucmedi.xai.XAIMethodBase} is an explanation method, {@link
 * org.aucmedi.xai.XAIMethodRegistry} finds one by its key, {@link org.aucmedi.xai.Target} selects
 * the output to explain, and {@link org.aucmedi.xai.model.ExplainableModel} is the trained model.
 * To write your own method, implement one method of one class:
 *
 * <pre>{@code
 * class Brightness extends XAIMethodBase {
 *   Brightness(ExplainableModel model) {
 *     super(model, null);
 *   }
 *
 *   @Override
 *   public NDArray computeHeatmap(NDArray image, int classIndex, float eps) {
 *     return image.get(0).mean(new int[] {0}); // channels first
 *   }
 * }
 * registry.register("brightness", (model, layerName, options) -> new Brightness(model));
 * }</pre>
 */
@NullMarked
package org.aucmedi.xai;

import org.jspecify.annotations.NullMarked;
