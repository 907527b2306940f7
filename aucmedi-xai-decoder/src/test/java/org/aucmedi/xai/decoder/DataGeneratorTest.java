package org.aucmedi.xai.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.aucmedi.xai.array.ImageAxes;
import org.aucmedi.xai.array.Npy;
import org.aucmedi.xai.imaging.Standardize;
import org.aucmedi.xai.imaging.UnreadableImageException;
import org.aucmedi.xai.imaging.Window;
import org.aucmedi.xai.imaging.Windowing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataGeneratorTest {

  @TempDir private Path folder;

  @BeforeEach
  void save() throws IOException {
    Npy.write(
        folder.resolve("a.npy"), new int[] {5, 1, 2}, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }

  @Test
  void load_declaredAxes_areTaken() {
    DataGenerator.Sample sample = builder().optAxes(ImageAxes.of("CHW")).build().load(0);

    assertThat(sample.input().channels()).isEqualTo(5);
    assertThat(sample.input().data()).containsExactly(0, 2, 4, 6, 8, 1, 3, 5, 7, 9);
  }

  @Test
  void load_ownMeanAndStd_areAppliedPerChannel() {
    DataGenerator.Sample sample =
        builder()
            .optAxes(ImageAxes.of("HWC"))
            .optStandardize(Standardize.of("mean=1,2;std=0.5,2"))
            .build()
            .load(0);

    assertThat(sample.input().data())
        .containsExactly(-2, -0.5f, 2, 0.5f, 6, 1.5f, 10, 2.5f, 14, 3.5f);
  }

  @Test
  void load_window_comesBeforeStandardisation() {
    DataGenerator.Sample sample =
        builder()
            .optAxes(ImageAxes.of("HWC"))
            .optWindow(Windowing.of(new Window(4, 8, Window.Function.LINEAR_EXACT)))
            .optStandardize(Standardize.of("rescale"))
            .build()
            .load(0);

    assertThat(sample.input().data())
        .containsExactly(
            new float[] {0, .125f, .25f, .375f, .5f, .625f, .75f, .875f, 1, 1}, within(1e-6f));
    assertThat(sample.original().data()[4]).isEqualTo(127.5f);
  }

  @Test
  void load_moreThanMaxPixels_isRefused() {
    assertThatExceptionOfType(UnreadableImageException.class)
        .isThrownBy(() -> builder().optMaxPixels(3).build().load(0))
        .withMessageContaining("more values than the 9 allowed");
    assertThat(builder().optMaxPixels(4).build().load(0).input().spatialShape())
        .containsExactly(5, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().optMaxPixels(0))
        .withMessageContaining("got 0");
  }

  @Test
  void optResize_absurdSize_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().optResize(99_999, 99_999))
        .withMessage(
            "a size of [99999, 99999] has 9999800001 pixels, more than the 100000000 allowed; take"
                + " a smaller one");
  }

  private DataGenerator.Builder builder() {
    return DataGenerator.builder()
        .addSamples(folder, List.of("a.npy"))
        .optStandardize(Standardize.NONE);
  }
}
