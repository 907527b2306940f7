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

  /** A value without text form. */
  private interface Word extends Supplier<String> {}

  private static final MethodOption<Integer> STEPS =
      MethodOption.ofInt("steps", "how many").range(1, 100).defaults(50, 20);
  private static final MethodOption<Double> SIGMA =
      MethodOption.ofDouble("sigma", "how wide").range(0.0, 1.0).defaults(0.5);
  private static final MethodOption<Boolean> RELU =
      MethodOption.ofBoolean("relu", "whether").defaults(false, true);
  private static final MethodOption<TimeUnit> UNIT =
      MethodOption.ofEnum("unit", "which", TimeUnit.class)
          .alias("sixty-minutes", TimeUnit.HOURS)
          .defaults(TimeUnit.DAYS, TimeUnit.HOURS);
  private static final MethodOption<Word> WORD =
      MethodOption.of("word", "what", Word.class, "a word", text -> (Word) () -> text)
          .check(UnaryOperator.identity())
          .defaults(() -> "a", () -> "b");
  private static final List<MethodOption<?>> KNOWN = List.of(STEPS, SIGMA, RELU, UNIT, WORD);

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
    Word own = () -> "mine";
    assertThat(MethodOptions.of(Profile.AUCMEDI).with(WORD, own).get(WORD)).isSameAs(own);
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
  void get_namesakeOfAnotherMethod_isTheSameOption() {
    MethodOption<Integer> namesake =
        MethodOption.ofInt("steps", "of another method").range(1, 1000).defaults(5);
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI).with(namesake, 7);
    assertThat(options.get(STEPS)).isEqualTo(7);
    assertThat(options.checkKnown(KNOWN).inEffect(KNOWN)).containsEntry("steps", "7");
    MethodOptions large = MethodOptions.of(Profile.AUCMEDI).with(namesake, 500);
    assertThatThrownBy(() -> large.checkKnown(KNOWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("option steps must be an integer from 1 to 100, got '500'");
  }

  @Test
  void checkKnown_namesakeOfAnotherType_isRefused() {
    MethodOption<Double> namesake = MethodOption.ofDouble("steps", "how much").defaults(0.5);
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI).with(namesake, 0.25);
    assertThatThrownBy(() -> options.checkKnown(KNOWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown option 'steps'");
  }

  @Test
  void parse_alias_isTheValue() {
    assertThat(UNIT.parse("Sixty-Minutes")).isEqualTo(TimeUnit.HOURS);
  }

  @Test
  void parse_numberThatIsNone_isRefused() {
    MethodOption<Double> free = MethodOption.ofDouble("free", "any number").defaults(0.5);
    assertThat(free.parse("-1e300")).isEqualTo(-1e300);
    for (String text : List.of("NaN", "Infinity", "1e999", "")) {
      assertThatThrownBy(() -> free.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("option free must be a number, got '" + text + "'");
    }
  }

  @Test
  void inEffect_options_areWhatWasSetAndTheDefaultsOfTheRest() {
    assertThat(
            MethodOptions.of(Profile.PAPER)
                .with(SIGMA, 0.25)
                .inEffect(List.of(RELU, SIGMA, STEPS, UNIT)))
        .containsExactly(
            Map.entry("relu", "true"),
            Map.entry("sigma", "0.25"),
            Map.entry("steps", "20"),
            Map.entry("unit", "hours"));
  }

  @Test
  void withProfile_options_keepsWhatIsSet() {
    MethodOptions options = MethodOptions.of(Profile.AUCMEDI).with(SIGMA, 0.1);
    assertThat(options.withProfile(Profile.PAPER)).hasToString("paper sigma=0.1");
    assertThat(options.withProfile(Profile.PAPER).get(STEPS)).isEqualTo(20);
  }

  @Test
  void only_optionsOfAnotherMethod_keepsProfileAndWhatBothKnow() {
    MethodOptions options = MethodOptions.of(Profile.PAPER).with(SIGMA, 0.1).with(STEPS, 3);
    assertThat(options.only(List.of(STEPS, RELU))).hasToString("paper steps=3");
  }
}
