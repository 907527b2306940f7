package org.aucmedi.xai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardTest {

  @Test
  void has_everySample_isInOneShardOfAboutEqualSize() {
    int[] sizes = new int[16];
    for (int n = 0; n < 16_000; n++) {
      String name = "folder/" + n + ".png";
      int[] shards = IntStream.rangeClosed(1, 16).filter(i -> new Shard(i, 16).has(name)).toArray();
      assertThat(shards).hasSize(1);
      sizes[shards[0] - 1]++;
    }
    assertThat(sizes).doesNotContain(0);
    assertThat(IntStream.of(sizes).min().getAsInt()).isGreaterThan(850);
    assertThat(IntStream.of(sizes).max().getAsInt()).isLessThan(1150);
  }

  @Test
  void has_dependsOnTheNameAlone() {
    // SHA-256 of "a.png", its first eight bytes read as a little-endian number, modulo 3.
    assertThat(IntStream.rangeClosed(1, 3).filter(i -> new Shard(i, 3).has("a.png")).toArray())
        .containsExactly(expected("a.png", 3));
  }

  private static int expected(String name, int count) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      long number = ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN).getLong();
      return (int) Math.floorMod(number, (long) count) + 1;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/3"})
  void of_whatIsNoShard_isRefusedWithTheForm(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shard.of(text))
        .withMessage(
            "'"
                + text
                + "' is no shard; write its number, from 1, and how many there are, for instance"
                + " 3/16");
  }
}
