package org.aucmedi.xai;

import java.util.List;

/**
 * The methods of a module. A module that names its implementation for {@link
 * java.util.ServiceLoader} has its methods in every {@link XAIMethodRegistry}.
 */
@FunctionalInterface
public interface XAIMethodCatalog {

  /** {@return the methods, in the order in which they are listed} */
  List<XAIMethodProvider<?>> methods();
}
