package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AmountsTest {

  @Test
  void time_anyLength_hasTheUnitThatSuitsIt() {
    assertThat(Amounts.time(0.00314159)).isEqualTo("3.14 ms");
    assertThat(Amounts.time(1.4)).isEqualTo("1 s");
    assertThat(Amounts.time(119)).isEqualTo("119 s");
    assertThat(Amounts.time(150)).isEqualTo("3 min");
    assertThat(Amounts.time(7200)).isEqualTo("2.0 h");
  }

  @Test
  void bytes_anyNumber_hasTheUnitThatSuitsIt() {
    assertThat(Amounts.bytes(9999)).isEqualTo("9999 bytes");
    assertThat(Amounts.bytes(10_000)).isEqualTo("10 kB");
    assertThat(Amounts.bytes(12_345_678)).isEqualTo("12 MB");
    assertThat(Amounts.bytes(12_345_678_901L)).isEqualTo("12 GB");
  }
}
