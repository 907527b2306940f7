/**
 * Shared by the tests of methods and engines.
 *
 * <p>{@link org.aucmedi.xai.testkit.MethodContract} checks an explanation method, {@link
 * org.aucmedi.xai.testkit.ModelConformance} a kind of model. Extend them in your own test classes;
 * the artifact {@code org.aucmedi:aucmedi-xai-testkit}, in scope {@code test}, depends on JUnit and
 * AssertJ. {@link org.aucmedi.xai.testkit.ClosedFormNet} and {@link
 * org.aucmedi.xai.testkit.LinearModel} are models in plain Java whose gradients are known, {@link
 * org.aucmedi.xai.testkit.Golden} finds networks in every format, with reference maps from other
 * programs.
 */
@NullMarked
package org.aucmedi.xai.testkit;

import org.jspecify.annotations.NullMarked;
