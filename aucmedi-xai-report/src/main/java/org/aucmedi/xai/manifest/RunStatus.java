package org.aucmedi.xai.manifest;

import com.google.gson.annotations.SerializedName;
import java.util.Locale;

/** How far a run is. */
public enum RunStatus {
  /** At work, or killed before it could say so. */
  @SerializedName("running")
  RUNNING,
  /** Every sample has its record. */
  @SerializedName("finished")
  FINISHED,
  /** Ended by the user; it can be resumed. */
  @SerializedName("interrupted")
  INTERRUPTED,
  /** Ended by an error that is no single sample's; it can be resumed. */
  @SerializedName("failed")
  FAILED;

  /** Returns the name in lower case, as in the file. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
