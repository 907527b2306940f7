package org.aucmedi.xai;

/** The source of a method's defaults. Each difference between profiles is an option. */
public enum Profile {
  /** The defaults of the AUCMEDI framework. */
  AUCMEDI,
  /** The defaults of each method's publication. */
  PAPER
}
