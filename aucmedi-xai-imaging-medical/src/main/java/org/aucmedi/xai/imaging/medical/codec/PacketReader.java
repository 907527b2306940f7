package org.aucmedi.xai.imaging.medical.codec;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tier 2: takes the packets of a tile apart into the codewords of code-blocks (T.800, B.9, B.10).
 */
final class PacketReader {

  private static final int SOP = 0xff91;
  private static final int SOP_LENGTH = 6;
  private static final int EPH = 0xff92;

  private final byte[] data;
  private final CodestreamBytes in;
  private final CodingParameters.Packets style;

  /** What a packet brings to a code-block. */
  private record Contribution(CodeBlock block, long length) {}

  private PacketReader(byte[] data, CodingParameters.Packets style) {
    this.data = data;
    this.in = new CodestreamBytes(data, 0, data.length);
    this.style = style;
  }

  /**
   * Reads all packets of a tile.
   *
   * @param tile the tile's area on the reference grid
   * @return the precincts, filled
   */
  static List<Precinct> read(
      byte[] data, CodingParameters parameters, List<TileComponent> components, Area tile)
      throws IOException {
    CodingParameters.Packets style = parameters.packets();
    List<Precinct> precincts = precincts(components, tile, data.length / style.layers());
    PacketReader reader = new PacketReader(data, style);
    for (Progression progression : parameters.progressions()) {
      reader.read(precincts, progression);
    }
    for (Precinct precinct : precincts) {
      if (precinct.nextLayer() < style.layers()) {
        throw new IOException("its JPEG 2000 data is damaged: its progressions omit packets");
      }
    }
    return precincts;
  }

  /** Lists the precincts, if there are no more than the data can have: a packet has a byte. */
  private static List<Precinct> precincts(List<TileComponent> components, Area tile, int most)
      throws IOException {
    List<Precinct> precincts = new ArrayList<>();
    for (int c = 0; c < components.size(); c++) {
      List<Resolution> resolutions = components.get(c).resolutions();
      for (int r = 0; r < resolutions.size(); r++) {
        long count = resolutions.get(r).precinctCount();
        if (count > most - precincts.size()) {
          throw new EOFException("the file ends early");
        }
        for (int index = 0; index < count; index++) {
          precincts.add(new Precinct(components.get(c), c, r, index, tile));
        }
      }
    }
    return precincts;
  }

  private void read(List<Precinct> precincts, Progression progression) throws IOException {
    int layers = Math.min(style.layers(), progression.layerEnd());
    for (List<Precinct> run : PacketOrder.runs(precincts, progression)) {
      for (int layer = 0; layer < layers; layer++) {
        for (Precinct precinct : run) {
          // An earlier progression may have brought it.
          if (precinct.nextLayer() == layer) {
            readPacket(precinct);
            precinct.countLayer();
          }
        }
      }
    }
  }

  private void readPacket(Precinct precinct) throws IOException {
    if (style.startMarkers() && in.peek16() == SOP) {
      in.advance(SOP_LENGTH);
    }
    PacketBits bits = new PacketBits(in);
    List<Contribution> contributions = new ArrayList<>();
    if (bits.bit() == 1) {
      for (Precinct.Band band : precinct.bands()) {
        readHeader(band, precinct, bits, contributions);
      }
    }
    bits.end();
    if (style.endMarkers() && in.u16() != EPH) {
      throw new IOException("its JPEG 2000 data is damaged: a packet's header has no end");
    }
    for (Contribution contribution : contributions) {
      int start = in.advance(contribution.length());
      contribution.block().append(data, start, (int) contribution.length());
    }
  }

  private static void readHeader(
      Precinct.Band band, Precinct precinct, PacketBits bits, List<Contribution> contributions)
      throws IOException {
    int layer = precinct.nextLayer();
    for (int row = 0; row < band.rows(); row++) {
      for (int column = 0; column < band.columns(); column++) {
        CodeBlock block = band.block(column, row);
        if (block != null) {
          if (bits.bit() == 0) {
            continue;
          }
        } else {
          if (!band.inclusion().isBelow(column, row, layer + 1, bits)) {
            continue;
          }
          int planes = band.subband().bitPlanes() + precinct.tileComponent().regionShift();
          int zeroPlanes = 0;
          while (!band.zeroPlanes().isBelow(column, row, zeroPlanes + 1, bits)) {
            zeroPlanes++;
          }
          block = new CodeBlock(band.blockArea(column, row), planes - zeroPlanes);
          band.setBlock(column, row, block);
        }
        int passes = readPasses(bits);
        long length = block.readLength(passes, band.style(), bits);
        contributions.add(new Contribution(block, length));
      }
    }
  }

  /** Reads the number of coding passes (B.10.6, Table B.4). */
  private static int readPasses(PacketBits bits) throws IOException {
    if (bits.bit() == 0) {
      return 1;
    }
    if (bits.bit() == 0) {
      return 2;
    }
    int more = bits.bits(2);
    if (more < 3) {
      return 3 + more;
    }
    more = bits.bits(5);
    if (more < 31) {
      return 6 + more;
    }
    return 37 + bits.bits(7);
  }
}
