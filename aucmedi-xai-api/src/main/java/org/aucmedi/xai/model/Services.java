package org.aucmedi.xai.model;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Loads services from the context class loader first, then from this library's own. */
public final class Services {

  private Services() {}

  /**
   * Loads every provider of a service once.
   *
   * @param service the service
   * @param <T> the service's type
   * @return the providers, in classpath order
   */
  public static <T> List<T> load(Class<T> service) {
    Map<Class<?>, T> byType = new LinkedHashMap<>();
    addFrom(Thread.currentThread().getContextClassLoader(), service, byType);
    addFrom(service.getClassLoader(), service, byType);
    return ImmutableList.copyOf(byType.values());
  }

  private static <T> void addFrom(
      @Nullable ClassLoader loader, Class<T> service, Map<Class<?>, T> byType) {
    ServiceLoader.load(service, loader).stream()
        .forEach(provider -> byType.computeIfAbsent(provider.type(), type -> provider.get()));
  }
}
