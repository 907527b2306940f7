package org.aucmedi.xai.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.report.EvaluationPage.Contents;
import org.aucmedi.xai.report.EvaluationPage.Curves;
import org.aucmedi.xai.report.EvaluationPage.Group;
import org.aucmedi.xai.report.EvaluationPage.Interval;
import org.aucmedi.xai.report.EvaluationPage.Intervals;
import org.aucmedi.xai.report.EvaluationPage.Item;
import org.aucmedi.xai.report.EvaluationPage.Line;
import org.aucmedi.xai.report.EvaluationPage.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvaluationPageTest {

  private static final String HOSTILE = "<script>alert(\"1\")</script> & 'x'";

  @TempDir private Path folder;

  private static Contents contents(Item... items) {
    return new Contents(
        "model.pt", "2 of 2 images", List.of(new Group("Part", "", List.of(items))));
  }

  @Test
  void html_textFromOutside_isShownAsTextAndRunsNothing() {
    String page =
        EvaluationPage.html(
            new Contents(
                HOSTILE,
                HOSTILE,
                List.of(
                    new Group(
                        HOSTILE,
                        HOSTILE,
                        List.of(
                            new Table(List.of(List.of(HOSTILE), List.of(HOSTILE))),
                            new Intervals(
                                HOSTILE,
                                HOSTILE,
                                List.of(new Interval(HOSTILE, 0.5, 0.4, 0.6, false))),
                            new Curves(
                                HOSTILE,
                                HOSTILE,
                                HOSTILE,
                                HOSTILE,
                                List.of(
                                    new Line(
                                        HOSTILE, List.of(0.0, 1.0), List.of(0.0, 1.0), true))))))));
    assertThat(page)
        .doesNotContain("<script")
        .contains("default-src 'none'; style-src 'unsafe-inline'")
        .contains("<h1 class=\"run name\">&lt;script&gt;")
        .doesNotContainPattern("(src|href)=");
  }

  @Test
  void curves_points_lieWhereTheirValuesAre() {
    String page =
        EvaluationPage.html(
            contents(
                new Curves(
                    "Deletion",
                    "",
                    "share",
                    "score",
                    List.of(
                        new Line("a", List.of(0.0, 0.5, 1.0), List.of(1.0, 0.25, 0.0), false),
                        new Line("b", List.of(0.0, 1.0), List.of(0.5, 0.5), true)))));
    List<double[]> points = points(page, "curve colour-0 dash-0");
    // Right and up by as much as the values say, whatever the scale.
    double width = points.get(2)[0] - points.get(0)[0];
    double height = points.get(2)[1] - points.get(0)[1];
    assertThat(width).isPositive();
    assertThat(height).isPositive();
    assertThat(points.get(1)[0]).isCloseTo(points.get(0)[0] + 0.5 * width, within(0.11));
    assertThat(points.get(1)[1]).isCloseTo(points.get(0)[1] + 0.75 * height, within(0.11));
    assertThat(points(page, "curve baseline dash-1").get(0)[1])
        .isCloseTo(points.get(0)[1] + 0.5 * height, within(0.11));
    assertThat(page).contains("<li><svg", "</svg> a</li>", "</svg> b</li>", ">0.2</text>");
  }

  private static List<double[]> points(String page, String style) {
    Matcher found =
        Pattern.compile("class=\"" + style + "\" points=\"([^\"]*)\"><title>").matcher(page);
    assertThat(found.find()).as(style).isTrue();
    List<double[]> points = new ArrayList<>();
    for (String point : found.group(1).split(" ", -1)) {
      String[] parts = point.split(",", -1);
      points.add(new double[] {Double.parseDouble(parts[0]), Double.parseDouble(parts[1])});
    }
    return points;
  }

  @Test
  void axis_anyRange_hasRoundNumbersAroundIt() {
    assertThat(Charts.Axis.of(0.03, 0.97).numbers()).hasSize(6).startsWith(0.0).endsWith(1.0);
    Charts.Axis negative = Charts.Axis.of(-0.42, 0.13);
    assertThat(negative.low()).isCloseTo(-0.5, within(1e-9));
    assertThat(negative.high()).isCloseTo(0.2, within(1e-9));
    assertThat(negative.numbers().stream().map(negative::text))
        .containsExactly("-0.5", "-0.4", "-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2");
    // Far from zero, zero is left out.
    assertThat(Charts.Axis.of(1000, 1012).low()).isEqualTo(1000);
    assertThat(Charts.Axis.of(5, 5).share(5)).isCloseTo(0.5, within(1e-9));
    assertThat(Charts.Axis.of(0, 0).numbers()).contains(0.0);
    assertThat(Charts.Axis.of(0, 4200).text(2000)).isEqualTo("2000");
  }

  @Test
  void write_page_isWholeAndReplacesOnlyItsOwn() throws IOException {
    Path page = folder.resolve("new").resolve("evaluation.html");
    EvaluationPage.write(page, contents());
    EvaluationPage.write(
        page, contents(new Table(List.of(List.of("METHOD"), List.of("saliency")))));
    assertThat(page)
        .content()
        .startsWith("<!doctype html>")
        .contains("<td>saliency</td>")
        .endsWith("</html>\n");
    Path mine = Files.writeString(folder.resolve("mine.html"), "mine");
    assertThatExceptionOfType(XAIException.class)
        .isThrownBy(() -> EvaluationPage.write(mine, contents()))
        .withMessageContaining("did not write what is there");
    assertThat(mine).hasContent("mine");
  }

  @Test
  void items_nothingOrNaN_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Table(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Interval("a", Double.NaN, 0, 1, false))
        .withMessageContaining("a has an interval");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Line("a", List.of(0.0), List.of(0.0), false));
  }
}
