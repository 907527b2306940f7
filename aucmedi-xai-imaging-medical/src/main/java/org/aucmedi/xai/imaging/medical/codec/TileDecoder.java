package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Decodes tiles into the components of the image. */
final class TileDecoder {

  private final ReferenceGrid grid;
  private final int[][] planes;
  private final CodeBlockDecoder blockDecoder = new CodeBlockDecoder();

  /**
   * Constructs a decoder.
   *
   * @param planes the samples of each component, row by row, which decoding fills
   */
  TileDecoder(ReferenceGrid grid, int[][] planes) {
    this.grid = grid;
    this.planes = planes;
  }

  void decode(int index, Codestream.TileData data) throws IOException {
    Area tile = grid.tile(index);
    CodingParameters parameters = data.parameters();
    List<TileComponent> components = new ArrayList<>();
    for (ReferenceGrid.Component component : grid.components()) {
      components.add(TileComponent.of(component, tile, parameters, components.size()));
    }
    List<Precinct> precincts = PacketReader.read(data.packets(), parameters, components, tile);
    List<InverseWavelet> wavelets = new ArrayList<>();
    for (TileComponent component : components) {
      wavelets.add(InverseWavelet.of(component));
    }
    for (Precinct precinct : precincts) {
      if (precinct.hasBands()) {
        decodeBlocks(precinct, wavelets.get(precinct.component()));
      }
    }
    for (int c = 0; c < components.size(); c++) {
      wavelets.get(c).reconstruct(components.get(c).resolutions());
    }
    if (parameters.packets().componentTransform()) {
      ComponentTransform.invert(wavelets);
    }
    for (int c = 0; c < components.size(); c++) {
      copy(components.get(c), wavelets.get(c), planes[c]);
    }
  }

  private void decodeBlocks(Precinct precinct, InverseWavelet wavelet) throws IOException {
    int regionShift = precinct.tileComponent().regionShift();
    for (Precinct.Band band : precinct.bands()) {
      for (int row = 0; row < band.rows(); row++) {
        for (int column = 0; column < band.columns(); column++) {
          CodeBlock block = band.block(column, row);
          if (block != null) {
            blockDecoder.decode(block, band.subband(), band.style());
            wavelet.put(blockDecoder, block.area(), band.subband(), regionShift);
          }
        }
      }
    }
  }

  /** Shifts the level (G.1.2), and clamps to the component's range. */
  private void copy(TileComponent tileComponent, InverseWavelet wavelet, int[] plane) {
    ReferenceGrid.Component component = tileComponent.component();
    Area area = tileComponent.area();
    Area image = grid.area(component);
    int half = 1 << (component.bits() - 1);
    int shift = component.signed() ? 0 : half;
    int least = component.signed() ? -half : 0;
    int most = component.signed() ? half - 1 : 2 * half - 1;
    for (int y = 0; y < area.height(); y++) {
      int to = (area.y0() - image.y0() + y) * image.width() + area.x0() - image.x0();
      for (int x = 0; x < area.width(); x++) {
        int sample = wavelet.sample(y * area.width() + x);
        // Damaged data may be so large that the sum overflows.
        long shifted = (long) sample + shift;
        plane[to + x] = (int) Math.max(least, Math.min(most, shifted));
      }
    }
  }
}
