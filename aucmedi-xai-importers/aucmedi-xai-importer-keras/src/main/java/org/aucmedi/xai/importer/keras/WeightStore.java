package org.aucmedi.xai.importer.keras;

import org.aucmedi.xai.importer.Constant;
import org.jspecify.annotations.Nullable;

/** Finds the weights of layers. */
interface WeightStore {

  /**
   * A layer inside a layer, with a path for each kind of file.
   *
   * @param attribute the attributes that lead to it, by which a {@code .keras} file finds it; empty
   *     for the layer itself
   * @param name the names that lead to it, which an HDF5 file puts before those of weights; empty
   *     if they are not known
   */
  record Part(String attribute, String name) {

    /** The layer itself. */
    static final Part SELF = new Part("", "");

    /** This part of a layer that is an attribute itself, under any name. */
    Part of(String outer) {
      return new Part(attribute.isEmpty() ? outer : outer + "/" + attribute, name);
    }
  }

  /** The weights of one layer, in the order in which Keras makes them. */
  interface OfLayer {

    /**
     * {@return the next weight, or null if there is none}
     *
     * @param part the layer inside the layer that has it
     * @param role what it is, such as kernel
     */
    @Nullable Constant next(Part part, String role);
  }

  /** A model, or a model nested in it. */
  interface OfModel {

    /**
     * {@return the weights of a layer; asked once for each layer, in the order of the file}
     *
     * @param className the class of the layer
     * @param name its name
     */
    OfLayer layer(String className, String name);

    /**
     * {@return the weights of a model nested in this one}
     *
     * @param className the class of the model
     * @param name its name
     */
    OfModel model(String className, String name);
  }

  /** {@return the weights of the whole model} */
  OfModel model();
}
