package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A component of a tile: its resolutions, the lowest first (T.800, B.5).
 *
 * @param component what the component is
 * @param area its coordinates, in samples of the component
 * @param style how it is coded
 * @param regionShift the bits by which a region of interest was raised, 0 for none
 * @param resolutions its resolutions
 */
record TileComponent(
    ReferenceGrid.Component component,
    Area area,
    CodingStyle style,
    int regionShift,
    List<Resolution> resolutions) {

  static TileComponent of(
      ReferenceGrid.Component component, Area tile, CodingParameters parameters, int index)
      throws IOException {
    CodingStyle style = parameters.style(index);
    BandQuantization quantization = parameters.quantization(index);
    quantization.check(style);
    Area area = tile.subsampled(component.dx(), component.dy());
    List<Resolution> resolutions = new ArrayList<>();
    for (int r = 0; r <= style.levels(); r++) {
      resolutions.add(
          new Resolution(
              area.subband(style.levels() - r, false, false),
              style.precinctWidthExponent(r),
              style.precinctHeightExponent(r),
              subbands(component, area, style, quantization, r)));
    }
    return new TileComponent(
        component, area, style, parameters.regionShift(index), List.copyOf(resolutions));
  }

  private static List<Subband> subbands(
      ReferenceGrid.Component component,
      Area area,
      CodingStyle style,
      BandQuantization quantization,
      int resolution) {
    int level = resolution == 0 ? style.levels() : style.levels() - resolution + 1;
    Area low = area.subband(level, false, false);
    List<Subband> subbands = new ArrayList<>();
    for (int kind = resolution == 0 ? 0 : 1; kind <= (resolution == 0 ? 0 : 3); kind++) {
      boolean highX = (kind & 1) != 0;
      boolean highY = (kind & 2) != 0;
      int band = Math.max(0, kind - 1);
      // The gain of Table E.1.
      int gain = (highX ? 1 : 0) + (highY ? 1 : 0);
      subbands.add(
          new Subband(
              highX,
              highY,
              area.subband(level, highX, highY),
              highX ? low.width() : 0,
              highY ? low.height() : 0,
              quantization.bitPlanes(resolution, band),
              style.reversible()
                  ? 1
                  : quantization.step(resolution, band, component.bits() + gain)));
    }
    return List.copyOf(subbands);
  }
}
