package org.aucmedi.xai.examples;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.aucmedi.xai.array.ImageArray;
import org.aucmedi.xai.array.Overlay;
import org.aucmedi.xai.array.SampleType;
import org.aucmedi.xai.imaging.OutputFolder;
import org.aucmedi.xai.metrics.PointingGame;

/** Compares maps with the true lesions, in numbers and in pictures. */
final class LesionReport {

  /** The weight of a map in an overlay. */
  static final float ALPHA = 0.4f;

  private static final int ROWS = 8;

  private final List<CellImages.Sample> samples;
  private final float[][] logits;
  private final OutputFolder folder;

  /**
   * Constructs a report.
   *
   * @param samples the images
   * @param logits what the network says of each
   * @param folder where the pictures go
   */
  LesionReport(List<CellImages.Sample> samples, float[][] logits, OutputFolder folder) {
    this.samples = samples;
    this.logits = logits;
    this.folder = folder;
  }

  /** Says how often a map peaks inside the lesion, of cells whose lesion is recognised. */
  String peaks(Quickstart.Maps maps) {
    int[] found =
        IntStream.range(0, samples.size())
            .filter(n -> samples.get(n).hasLesion() && Quickstart.predictedClass(logits[n]) == 1)
            .toArray();
    double hits = IntStream.of(found).mapToDouble(n -> hit(maps, n)).average().orElse(0);
    double chance =
        IntStream.of(found)
            .mapToDouble(n -> PointingGame.chance(samples.get(n).mask()))
            .average()
            .orElse(0);
    return String.format(
        Locale.ROOT,
        "%s: the peak lies inside the lesion in %.1f %% of %d images (chance: %.1f %%)",
        maps.name(),
        100 * hits,
        found.length,
        100 * chance);
  }

  private double hit(Quickstart.Maps maps, int image) {
    return PointingGame.score(maps.values(image), samples.get(image).mask());
  }

  /** Writes an overlay for every image and method. */
  void writeOverlays(List<Quickstart.Maps> all) {
    for (Quickstart.Maps maps : all) {
      for (int n = 0; n < samples.size(); n++) {
        folder.writePicture("cell_%03d.%s.png".formatted(n, maps.key()), overlay(maps, n));
      }
    }
  }

  /** Writes a sheet of a few images with the maps of all methods side by side. */
  Path writeSheet(List<Quickstart.Maps> all) {
    List<String> columns = new ArrayList<>(List.of("image", "true lesion"));
    all.forEach(maps -> columns.add(maps.name()));
    List<ContactSheet.Row> rows = new ArrayList<>();
    for (int n = 0; n < samples.size() && rows.size() < ROWS; n++) {
      // Three cells with a lesion for each healthy one.
      if ((rows.size() % 4 == 3) == samples.get(n).hasLesion()) {
        continue;
      }
      List<BufferedImage> tiles = new ArrayList<>();
      tiles.add(Pictures.plain(image(samples.get(n))));
      tiles.add(Pictures.outlined(image(samples.get(n)), samples.get(n).mask()));
      for (Quickstart.Maps maps : all) {
        tiles.add(overlay(maps, n));
      }
      rows.add(new ContactSheet.Row(caption(n, all), tiles));
    }
    return folder.writePicture(
        "contact-sheet.png",
        ContactSheet.draw("AUCMEDI-XAI quickstart: where did the classifier look?", columns, rows));
  }

  private List<String> caption(int n, List<Quickstart.Maps> all) {
    boolean lesion = samples.get(n).hasLesion();
    List<String> lines = new ArrayList<>();
    lines.add("cell " + n + ": " + (lesion ? "lesion" : "healthy"));
    lines.add("predicted: " + (Quickstart.predictedClass(logits[n]) == 1 ? "lesion" : "healthy"));
    double probability = 1 / (1 + Math.exp(logits[n][0] - logits[n][1]));
    lines.add(String.format(Locale.ROOT, "P(lesion) = %.3f", probability));
    if (lesion) {
      int size = lines.size();
      all.stream()
          .filter(maps -> hit(maps, n) < 0.5)
          .forEach(maps -> lines.add("outside: " + maps.name()));
      if (lines.size() == size) {
        lines.add("all peaks inside");
      }
    }
    return lines;
  }

  private BufferedImage overlay(Quickstart.Maps maps, int n) {
    return Overlay.blend(image(samples.get(n)), maps.values(n), ALPHA);
  }

  /** The image as the decoder's pictures take it. */
  static ImageArray image(CellImages.Sample sample) {
    return ImageArray.of(
        new int[] {CellImages.SIZE, CellImages.SIZE}, 3, sample.pixels(), SampleType.UINT8);
  }
}
