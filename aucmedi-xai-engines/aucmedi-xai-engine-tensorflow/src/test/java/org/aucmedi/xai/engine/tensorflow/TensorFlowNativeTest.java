package org.aucmedi.xai.engine.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TensorFlowNativeTest {

  @Test
  void unpack_noArtifact_findsNothing() {
    assertThat(TensorFlowNative.unpack("solaris-sparc")).isNull();
  }

  @Test
  void missing_publishedPlatform_namesTheArtifact() {
    assertThat(TensorFlowNative.missing("windows-x86_64", null))
        .hasMessageContaining("org.tensorflow:tensorflow-core-native:1.0.0-rc.1")
        .hasMessageContaining("classifier windows-x86_64");
    assertThat(TensorFlowNative.missing("linux-arm64", null))
        .hasMessageContaining("no Maven artifact")
        .hasMessageContaining("TENSORFLOW_LIBRARY_PATH");
  }

  @Test
  void platform_isOneOfTheArtifactsNames() {
    assertThat(TensorFlowNative.platform()).matches("(linux|macosx|windows)-(x86_64|arm64)");
  }
}
