package org.aucmedi.xai.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody may have meant who wrote a name that there is not. */
public final class Suggestion {

  /** One mistake for as many letters. */
  private static final int LETTERS_PER_MISTAKE = 3;

  private Suggestion() {}

  /**
   * Finds the name that is most like a given one. A mistake is a letter too many, missing or wrong,
   * or two that changed places; the case of letters is no mistake.
   *
   * @param asked the name that there is not
   * @param names the names that there are
   * @return the one that takes the fewest mistakes, the first of several; nothing if even that
   *     takes more than one for every three of its letters, or if it is the same but for its case
   */
  public static Optional<String> of(String asked, Collection<String> names) {
    String low = asked.toLowerCase(Locale.ROOT);
    return names.stream()
        .filter(name -> !name.equalsIgnoreCase(asked))
        .filter(
            name ->
                mistakes(low, name.toLowerCase(Locale.ROOT))
                    <= Math.max(1, name.length() / LETTERS_PER_MISTAKE))
        .filter(name -> name.length() > 1)
        .min(Comparator.comparingInt(name -> mistakes(low, name.toLowerCase(Locale.ROOT))));
  }

  /**
   * Finds the name that is most like a given one, as the middle of a message.
   *
   * @param asked the name that there is not
   * @param names the names that there are
   * @return for instance "did you mean 'gradcam'? ", or nothing
   */
  public static String question(String asked, Collection<String> names) {
    return of(asked, names).map(name -> "did you mean '" + name + "'? ").orElse("");
  }

  /** The distance of Damerau and Levenshtein, of adjacent letters that each move once. */
  private static int mistakes(String a, String b) {
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least =
            Math.min(
                Math.min(distance[i - 1][j], distance[i][j - 1]) + 1,
                distance[i - 1][j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, distance[i - 2][j - 2] + 1);
        }
        distance[i][j] = least;
      }
    }
    return distance[a.length()][b.length()];
  }
}
