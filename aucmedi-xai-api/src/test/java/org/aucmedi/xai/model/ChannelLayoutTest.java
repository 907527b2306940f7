package org.aucmedi.xai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

final class ChannelLayoutTest {

  private static ChannelLayout declared(ChannelLayout usual, long... shape) {
    return ChannelLayout.ofDeclared(new Shape(shape), usual);
  }

  @Test
  void ofDeclared_channelsInOnePlace_areBelieved() {
    for (ChannelLayout usual : ChannelLayout.values()) {
      assertThat(declared(usual, -1, 3, 224, 224)).isEqualTo(ChannelLayout.CHANNELS_FIRST);
      assertThat(declared(usual, -1, 3, -1, -1)).isEqualTo(ChannelLayout.CHANNELS_FIRST);
      assertThat(declared(usual, -1, 224, 224, 3)).isEqualTo(ChannelLayout.CHANNELS_LAST);
      assertThat(declared(usual, -1, -1, -1, 3)).isEqualTo(ChannelLayout.CHANNELS_LAST);
      assertThat(declared(usual, 1, 32, 32, 32, 1)).isEqualTo(ChannelLayout.CHANNELS_LAST);
    }
  }

  @Test
  void ofDeclared_shapeThatDoesNotTell_isTheUsualOne() {
    for (ChannelLayout usual : ChannelLayout.values()) {
      assertThat(ChannelLayout.ofDeclared(null, usual)).isEqualTo(usual);
      assertThat(declared(usual, -1, -1, -1, -1)).isEqualTo(usual);
      assertThat(declared(usual, -1, 1, 4, 4)).isEqualTo(usual);
      assertThat(declared(usual, -1, 32, 32, 13)).isEqualTo(usual);
      assertThat(declared(usual, -1, 10)).isEqualTo(usual);
    }
  }

  @Test
  void of_text_isCaseInsensitiveAndSaysWhatThereIs() {
    assertThat(ChannelLayout.of("Channels-Last")).isEqualTo(ChannelLayout.CHANNELS_LAST);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelLayout.of("NHWC"))
        .withMessageContaining("channels-first or channels-last");
  }
}
