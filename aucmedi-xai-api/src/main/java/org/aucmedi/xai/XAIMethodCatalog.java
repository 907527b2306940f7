package org.aucmedi.xai;

import java.util.List;

/**
 * The methods of a module. Register an implementation with {@link java.util.ServiceLoader} to make
 * its methods available in every {@link XAIMethodRegistry}.
 */
@FunctionalInterface
public interface XAIMethodCatalog {

  /** {@return the methods, in the order to list them} */
  List<XAIMethodProvider<?>> methods();
}
