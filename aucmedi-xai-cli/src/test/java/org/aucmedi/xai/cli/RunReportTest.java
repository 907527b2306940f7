package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.aucmedi.xai.MapStatus;
import org.aucmedi.xai.decoder.DecoderResult.Warning;
import org.aucmedi.xai.decoder.SampleResult.Failed;
import org.aucmedi.xai.decoder.SampleResult.Stage;
import org.aucmedi.xai.decoder.SampleResult.WrittenMap;
import org.aucmedi.xai.error.XAIException;
import org.junit.jupiter.api.Test;

final class RunReportTest {

  private final StringWriter text = new StringWriter();
  private final RunReport report = report(false);

  private RunReport report(boolean nameAll) {
    return new RunReport(
        new PrintWriter(text, true),
        new RunProgress(null, null, System::nanoTime),
        "above0.5",
        nameAll,
        false);
  }

  @Test
  void failures_ofOneReason_areNamedThreeTimesAndCounted() {
    for (int n = 0; n < 10; n++) {
      fail(report, n + ".png", "cannot run on a batch of shape (1, 3, 3" + n + ", 32)");
      fail(report, n + ".jpg", "cannot read " + n + ".jpg");
    }
    assertThat(lines()).filteredOn(line -> line.contains("batch")).hasSize(3);
    report.end();

    assertThat(lines())
        .startsWith("failed: 0.png: cannot run on a batch of shape (1, 3, 30, 32)")
        .filteredOn(line -> line.contains("jpg"))
        .hasSize(10);
    assertThat(lines())
        .endsWith("failed: and 7 more for the same reason as 0.png; --debug names them all");
    assertThat(report.failed()).isEqualTo(20);
    assertThat(report.failedAlike(20)).isFalse();
  }

  @Test
  void failures_debug_areAllNamed() {
    RunReport all = report(true);
    for (int n = 0; n < 10; n++) {
      fail(all, n + ".png", "cannot run");
    }
    all.end();

    assertThat(lines()).hasSize(10);
    assertThat(all.failedAlike(10)).isTrue();
    assertThat(all.failedAlike(11)).isFalse();
  }

  @Test
  void failures_ofTwoMethods_areOneSample() {
    fail(report, "a.png", "cannot run");
    fail(report, "a.png", "cannot run");
    fail(report, "a.png", "out of memory");

    assertThat(lines())
        .containsExactly("failed: a.png: cannot run", "failed: a.png: out of memory");
    assertThat(report.failed()).isEqualTo(1);
    assertThat(report.failedAlike(1)).isFalse();
  }

  @Test
  void failedAlike_filesOrMaps_areNotTheModelsFault() {
    fail(report, "a.jpg", "no such file");
    assertThat(report.failedAlike(1)).isFalse();

    RunReport other = report(false);
    other.of("saliency").written("a.png", new WrittenMap("0", 1, MapStatus.OK, List.of()));
    fail(other, "a.png", "cannot run");
    assertThat(other.failedAlike(1)).isFalse();
  }

  @Test
  void warnings_nameSampleClassAndMethod() {
    report.of("saliency").warned(new Warning("a.png", "2", MapStatus.FLAT));

    assertThat(lines())
        .containsExactly(
            "warning: a.png, class 2, saliency: flat: every position has the same value");
  }

  @Test
  void samplesWithoutAMap_areNamedOnceAndCounted() {
    for (String method : List.of("saliency", "gradcam")) {
      for (int n = 0; n < 5; n++) {
        report.of(method).unexplained(n + ".png");
      }
    }
    fail(report, "4.png", "cannot run");
    report.end();

    assertThat(lines())
        .containsExactly(
            "no map: 0.png: no class is above0.5",
            "no map: 1.png: no class is above0.5",
            "no map: 2.png: no class is above0.5",
            "failed: 4.png: cannot run",
            "no map: and 2 more for the same reason as 0.png; --debug names them all");
    assertThat(report.unexplained()).isEqualTo(4);
    assertThat(report.failed()).isEqualTo(1);
  }

  @Test
  void samplesWithoutAMap_debug_areAllNamed() {
    RunReport all = report(true);
    for (int n = 0; n < 5; n++) {
      all.of("saliency").unexplained(n + ".png");
    }
    all.end();

    assertThat(lines()).hasSize(5).last().isEqualTo("no map: 4.png: no class is above0.5");
  }

  @Test
  void quiet_tellsFailuresAlone() {
    RunReport quiet =
        new RunReport(
            new PrintWriter(text, true),
            new RunProgress(null, null, System::nanoTime),
            "above0.5",
            false,
            true);
    quiet.of("saliency").warned(new Warning("a.png", "2", MapStatus.FLAT));
    for (int n = 0; n < 5; n++) {
      quiet.of("saliency").unexplained(n + ".png");
    }
    fail(quiet, "b.png", "cannot run");
    quiet.end();

    assertThat(lines()).containsExactly("failed: b.png: cannot run");
    assertThat(quiet.unexplained()).isEqualTo(5);
  }

  private static void fail(RunReport report, String sample, String reason) {
    Stage stage = sample.endsWith("png") ? Stage.EXPLAINING : Stage.LOADING;
    report
        .of("saliency")
        .failed(new Failed(sample, stage, reason, new XAIException(reason), List.of()));
  }

  private List<String> lines() {
    return text.toString().lines().toList();
  }
}
