package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MethodOptionsTest {

  private static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "how many", 1, 100, 50, 20);
  private static final MethodOption<Double> SIGMA =
      MethodOption.ofDouble("sigma", "how wide", 0, 1, 0.5, 0.5);
  private static final MethodOption<Boolean> RELU =
      MethodOption.ofBoolean("relu", "whether", false, true);
  private static final MethodOption<TimeUnit> UNIT =
      MethodOption.ofEnum("unit", "which", TimeUnit.class, TimeUnit.DAYS, TimeUnit.HOURS);
  private static final MethodOption<Supplier<String>> SUPPLIER =
      MethodOption.of(
          "supplier",
          "what",
          "a word",
          text -> () -> text,
          UnaryOperator.identity(),
          () -> "a",
          () -> "b");
  private static final List<MethodOption<?>> KNOWN = List.of(STEPS, SIGMA, RELU, UNIT, SUPPLIER);

  @Test
  void get_nothingSet_isTheProfilesDefault() {
    assertThat(MethodOptions.of(Profile.AUCMEDI).get(STEPS)).isEqualTo(50);
    assertThat(MethodOptions.of(Profile.PAPER).get(STEPS)).isEqualTo(20);
    assertThat(MethodOptions.of(Profile.PAPER).get(RELU)).isTrue();
  }

  @Test
  void parse_namesAndWordsInAnyCase_areRead() {
    MethodOptions options =
        MethodOptions.parse(
            Profile.AUCMEDI,
            KNOWN,
            Map.of("Steps", " 7 ", "sigma", "0.25", "relu", "TRUE", "unit", "Hours"));
    assertThat(options.get(STEPS)).isEqualTo(7);
    assertThat(options.get(SIGMA)).isEqualTo(0.25);
    assertThat(options.get(RELU)).isTrue();
    assertThat(options.get(UNIT)).isEqualTo(TimeUnit.HOURS);
    assertThat(options).hasToString("aucmedi relu=true sigma=0.25 steps=7 unit=hours");
  }

  @ParameterizedTest
  @CsvSource({
    "steps, 0, an integer from 1 to 100",
    "steps, many, an integer from 1 to 100",
    "sigma, 1.5, a number from 0.0 to 1.0",
    "sigma, NaN, a number from 0.0 to 1.0",
    "relu, yes, true or false",
    "unit, weeks, hours or days"
  })
  void parse_valueThatIsNotAllowed_namesOptionValueAndWhatIs(
      String name, String text, String allowed) {
    assertThatThrownBy(() -> MethodOptions.parse(Profile.AUCMEDI, KNOWN, Map.of(name, text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("option " + name + " must be ", allowed, "got '" + text + "'");
  }

  @Test
  void parse_unknownName_listsTheKnownOnes() {
    assertThatThrownBy(() -> MethodOptions.parse(Profile.AUCMEDI, KNOWN, Map.of("stepz", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("unknown option 'stepz'", "steps (an integer from 1 to 100)");
  }

  @Test
  void with_valueOutOfRange_isRefusedAsItsTextWouldBe() {
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI);
    assertThat(options.with(STEPS, 3).get(STEPS)).isEqualTo(3);
    assertThatThrownBy(() -> options.with(STEPS, 101))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("option steps must be an integer from 1 to 100, got '101'");
  }

  @Test
  void with_valueWithoutTextForm_isKeptAsItIs() {
    Supplier<String> own = () -> "mine";
    assertThat(MethodOptions.of(Profile.AUCMEDI).with(SUPPLIER, own).get(SUPPLIER)).isSameAs(own);
  }

  @Test
  void checkKnown_optionOfAnotherMethod_isRefused() {
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI).with(SIGMA, 0.1);
    assertThat(options.checkKnown(KNOWN)).isSameAs(options);
    assertThatThrownBy(() -> options.checkKnown(List.of(STEPS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown option 'sigma'");
  }

  @Test
  void only_optionsOfAnotherMethod_keepsProfileAndWhatBothKnow() {
    MethodOptions options = MethodOptions.of(Profile.PAPER).with(SIGMA, 0.1).with(STEPS, 3);
    assertThat(options.only(List.of(STEPS, RELU))).hasToString("paper steps=3");
  }
}
