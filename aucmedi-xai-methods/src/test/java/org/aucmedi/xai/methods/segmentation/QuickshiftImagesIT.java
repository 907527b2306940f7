package org.aucmedi.xai.methods.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.aucmedi.xai.testkit.Golden;
import org.junit.jupiter.api.Test;

/** Quickshift on every golden blood-cell image. */
final class QuickshiftImagesIT {

  @Test
  void segment_bloodCells_agreeWithScikitImage() throws IOException {
    List<Path> images;
    try (Stream<Path> files = Files.walk(Golden.file("bccd"))) {
      images = files.filter(file -> file.toString().endsWith(".png")).sorted().toList();
    }
    assertThat(images).hasSize(66);
    SoftAssertions softly = new SoftAssertions();
    for (Path image : images) {
      String name = image.getFileName().toString().replace(".png", "");
      ReferenceSegments.Picture picture = ReferenceSegments.picture(image);
      softly
          .assertThat(QuickshiftTest.ofAucmedi(picture, name))
          .as(name)
          .isGreaterThanOrEqualTo(0.95);
      softly.assertThat(QuickshiftTest.fine(picture, name)).as(name).isGreaterThanOrEqualTo(0.95);
    }
    softly.assertAll();
  }
}
