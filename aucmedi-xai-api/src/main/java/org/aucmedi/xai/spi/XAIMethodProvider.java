package org.aucmedi.xai.spi;

import java.util.List;
import java.util.Set;
import org.aucmedi.xai.XAIMethodFactory;
import org.aucmedi.xai.model.Capability;

/** Registers a method under its keys. Method modules register theirs with ServiceLoader. */
public interface XAIMethodProvider extends XAIMethodFactory {

  /**
   * Returns the method's name in the literature.
   *
   * @return the name, for instance "Saliency map"
   */
  String name();

  /**
   * Returns the keys that find the method, the preferred one first; case does not matter.
   *
   * @return one key or more
   */
  List<String> keys();

  /**
   * Returns what the method needs of a model.
   *
   * @return the capabilities
   */
  Set<Capability> requires();

  /**
   * Tells whether a layer name changes the map.
   *
   * @return false if the method accepts a layer name and ignores it
   */
  boolean usesLayer();
}
