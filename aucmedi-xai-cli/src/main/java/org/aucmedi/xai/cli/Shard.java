package org.aucmedi.xai.cli;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the parts that a run is divided into. Which part has a sample depends on its name alone,
 * not on which others there are.
 *
 * @param number from 1
 * @param count how many parts there are
 */
record Shard(int number, int count) {

  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,5})/([1-9]\\d{0,5})");

  /** Reads "3/16". */
  static Shard of(String text) {
    Matcher parts = TEXT.matcher(text);
    checkArgument(
        parts.matches() && Integer.parseInt(parts.group(1)) <= Integer.parseInt(parts.group(2)),
        "'%s' is no shard; write its number, from 1, and how many there are, for instance 3/16",
        text);
    return new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }

  /** Returns whether a sample belongs to this part. */
  boolean has(String sample) {
    long hash = Hashing.sha256().hashString(sample, StandardCharsets.UTF_8).asLong();
    return Math.floorMod(hash, count) == number - 1;
  }

  @Override
  public String toString() {
    return number + "/" + count;
  }
}
