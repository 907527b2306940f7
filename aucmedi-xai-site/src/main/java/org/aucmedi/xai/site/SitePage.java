package org.aucmedi.xai.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A page in Markdown, as HTML.
 *
 * @param source the page, relative to the root of the checkout
 * @param title its first heading
 * @param html its content, without a frame
 * @param headings its headings
 */
record SitePage(Path source, String title, String html, List<Heading> headings) {

  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

  /**
   * Reads a page.
   *
   * @throws IOException if it cannot be read, or has a link that leads nowhere
   */
  static SitePage read(Path root, Path source, SiteLinks links) throws IOException {
    Node document = PARSER.parse(Files.readString(root.resolve(source)));
    Map<Node, String> anchors = new HashMap<>();
    List<Heading> headings = headings(document, anchors);
    try {
      document.accept(new LinkRewriter(source, links));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .escapeHtml(false)
            .attributeProviderFactory(
                context ->
                    (node, tag, attributes) -> {
                      if (anchors.containsKey(node)) {
                        attributes.put("id", anchors.get(node));
                      }
                    })
            .build();
    String title = headings.isEmpty() ? source.toString() : headings.get(0).text();
    return new SitePage(source, title, renderer.render(document), headings);
  }

  /** Finds the headings, and names them as forges do: a second one of a name has a number. */
  private static List<Heading> headings(Node document, Map<Node, String> anchors) {
    Map<String, Integer> seen = new HashMap<>();
    List<Heading> headings = new ArrayList<>();
    for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof org.commonmark.node.Heading heading) {
        String text = plain(heading);
        String name =
            text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
        int before = seen.merge(name, 1, Integer::sum) - 1;
        String anchor = before == 0 ? name : name + "-" + before;
        anchors.put(heading, anchor);
        headings.add(new Heading(heading.getLevel(), anchor, text, below(heading)));
      }
    }
    return headings;
  }

  private static String below(Node heading) {
    StringBuilder text = new StringBuilder();
    for (Node node = heading.getNext();
        node != null && !(node instanceof org.commonmark.node.Heading);
        node = node.getNext()) {
      text.append(plain(node)).append(' ');
    }
    return text.toString().strip();
  }

  private static String plain(Node node) {
    StringBuilder text = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text found) {
            text.append(found.getLiteral());
          }

          @Override
          public void visit(Code found) {
            text.append(found.getLiteral());
          }

          @Override
          public void visit(SoftLineBreak found) {
            text.append(' ');
          }
        });
    return text.toString();
  }

  /** Turns links of the checkout into links of the site. */
  private static final class LinkRewriter extends AbstractVisitor {

    private final Path source;
    private final SiteLinks links;

    LinkRewriter(Path source, SiteLinks links) {
      this.source = source;
      this.links = links;
    }

    @Override
    public void visit(Link link) {
      link.setDestination(there(link.getDestination()));
      visitChildren(link);
    }

    @Override
    public void visit(Image image) {
      image.setDestination(there(image.getDestination()));
      visitChildren(image);
    }

    private String there(String target) {
      try {
        return links.of(source, target);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
