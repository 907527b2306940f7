/**
 * What tests of methods and engines share.
 *
 * <p>{@link org.aucmedi.xai.testkit.MethodContract} checks an explanation method, {@link
 * org.aucmedi.xai.testkit.ModelConformance} a kind of model. Both are extended by a test class of
 * your own; the artifact {@code org.aucmedi:aucmedi-xai-testkit}, with scope {@code test}, brings
 * JUnit and AssertJ along. {@link org.aucmedi.xai.testkit.ClosedFormNet} and {@link
 * org.aucmedi.xai.testkit.LinearModel} are models in plain Java whose gradients are known, {@link
 * org.aucmedi.xai.testkit.Golden} finds networks in every format with the maps that other programs
 * computed for them.
 */
@NullMarked
package org.aucmedi.xai.testkit;

import org.jspecify.annotations.NullMarked;
