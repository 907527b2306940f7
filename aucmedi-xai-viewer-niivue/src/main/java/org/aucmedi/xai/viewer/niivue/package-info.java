/**
 * The volumes of a run in <a href="https://github.com/niivue/niivue">NiiVue</a>, which is part of
 * this module under the BSD 2-clause licence.
 */
@NullMarked
package org.aucmedi.xai.viewer.niivue;

import org.jspecify.annotations.NullMarked;
