package org.aucmedi.xai.report;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The Content-Security-Policy of a page that loads nothing and runs its own scripts only. */
public final class PagePolicy {

  private PagePolicy() {}

  /**
   * {@return the policy}
   *
   * @param images where images may come from, for instance {@code data:}
   * @param scripts the text of every script, by whose hash the browser knows it
   */
  public static String of(String images, List<String> scripts) {
    return "default-src 'none'; img-src "
        + images
        + "; style-src 'unsafe-inline'; script-src "
        + scripts.stream().map(PagePolicy::hash).collect(Collectors.joining(" "))
        + "; base-uri 'none'; form-action 'none'";
  }

  private static String hash(String script) {
    byte[] hash = Hashing.sha256().hashString(script, StandardCharsets.UTF_8).asBytes();
    return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
  }
}
