package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TypoTest {

  @ParameterizedTest
  @CsvSource({
    "--metod gradcam, --method",
    "--method ig --images b --alhpa=0.5, --alpha",
    "--method gradcam --images b --no-overley, --no-overlay"
  })
  void execute_misspeltOption_namesTheOneThatIsMeant(String arguments, String meant) {
    Run run = Run.of(("explain --model m " + arguments).split(" "));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: ")
        .contains("; did you mean '" + meant + "'?\nsee 'aucmedi-xai explain --help'\n");
  }

  @Test
  void execute_misspeltCommand_namesTheOneThatIsMeant() {
    assertThat(Run.of("expain", "--model", "m").err())
        .contains("'expain'", "; did you mean 'explain'?\n");
  }

  @ParameterizedTest
  @CsvSource({
    "--format, pgn, png",
    "--colormap, virdis, viridis",
    "--profile, papr, paper",
    "--activation, softmx, softmax",
    "--layout, channel-first, channels-first",
    "--standardize, zscore, z-score",
    "--map-on, orignal, original"
  })
  void execute_misspeltChoice_namesTheOneThatIsMeant(String option, String value, String meant) {
    Run run =
        Run.of("explain", "--model=m", "--images=b", "--method=saliency", option + "=" + value);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("'" + value + "'", "; did you mean '" + meant + "'?\n");
  }

  @Test
  void execute_misspeltMethodOrItsOption_namesTheOneThatIsMeant() {
    assertThat(Run.of("explain", "--model=m", "--images=b", "--method=gradcm").err())
        .startsWith("error: unknown method 'gradcm'; did you mean 'gradcam'? available: ");
    assertThat(Run.of("explain", "--model=m", "--images=b", "--method=ig", "--option=step=3").err())
        .startsWith("error: unknown option 'step'; did you mean 'steps'? the method has ");
  }

  @Test
  void execute_nothingAlike_suggestsNothing() {
    assertThat(Run.of("layers", "--model", "m", "--wavelength", "3").err())
        .isEqualTo(
            "error: Unknown options: '--wavelength', '3'\nsee 'aucmedi-xai layers --help'\n");
    assertThat(Run.of("layers").err())
        .isEqualTo(
            "error: Missing required option: '--model=PATH'\nsee 'aucmedi-xai layers --help'\n");
  }
}
