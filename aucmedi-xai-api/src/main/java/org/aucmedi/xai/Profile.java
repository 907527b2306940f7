package org.aucmedi.xai;

/** Where a method's defaults come from. Each difference is an option of its own. */
public enum Profile {
  /** The numbers of the AUCMEDI framework. */
  AUCMEDI,
  /** The publication of each method. */
  PAPER
}
