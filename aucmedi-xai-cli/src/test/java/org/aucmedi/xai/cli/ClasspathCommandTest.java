package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ClasspathCommandTest {

  @Test
  void classpath_isThatOfJava() {
    Run run = Run.of("classpath");

    assertThat(run.code()).isZero();
    assertThat(run.out().strip()).isEqualTo(System.getProperty("java.class.path"));
  }
}
