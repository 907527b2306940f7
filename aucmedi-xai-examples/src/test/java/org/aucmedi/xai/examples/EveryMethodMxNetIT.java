package org.aucmedi.xai.examples;

final class EveryMethodMxNetIT extends EveryMethod {
  EveryMethodMxNetIT() {
    super("MXNet");
  }
}
