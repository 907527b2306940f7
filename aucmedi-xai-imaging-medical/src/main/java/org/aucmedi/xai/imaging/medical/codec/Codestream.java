package org.aucmedi.xai.imaging.medical.codec;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A codestream taken apart into its headers and the packets of its tiles (T.800, Annex A). Nothing
 * is decoded here, and no more memory is taken than the codestream's own length.
 */
final class Codestream {

  private static final int SOC = 0xff4f;
  private static final int CAP = 0xff50;
  private static final int SIZ = 0xff51;
  private static final int COD = 0xff52;
  private static final int COC = 0xff53;
  private static final int TLM = 0xff55;
  private static final int PLM = 0xff57;
  private static final int PLT = 0xff58;
  private static final int QCD = 0xff5c;
  private static final int QCC = 0xff5d;
  private static final int RGN = 0xff5e;
  private static final int POC = 0xff5f;
  private static final int PPM = 0xff60;
  private static final int PPT = 0xff61;
  private static final int CRG = 0xff63;
  private static final int COM = 0xff64;
  private static final int SOT = 0xff90;
  private static final int SOD = 0xff93;
  private static final int EOC = 0xffd9;

  /** The length of the marker segment SOT, with its marker. */
  private static final int SOT_LENGTH = 12;

  private final CodestreamBytes in;
  private final Map<Integer, TileData> tiles = new HashMap<>();
  private final ReferenceGrid grid;
  private final CodingParameters parameters;

  /** The headers and packets of a tile, from all of its tile-parts. */
  static final class TileData {

    private final CodingParameters parameters;
    private final ByteArrayOutputStream packets = new ByteArrayOutputStream();
    private int parts;

    private TileData(CodingParameters parameters) {
      this.parameters = parameters;
    }

    CodingParameters parameters() {
      return parameters;
    }

    byte[] packets() {
      return packets.toByteArray();
    }
  }

  private Codestream(CodestreamBytes in, ReferenceGrid grid) {
    this.in = in;
    this.grid = grid;
    parameters = CodingParameters.ofMainHeader(grid.components().size());
  }

  static Codestream read(CodestreamBytes in) throws IOException {
    if (in.u16() != SOC || in.u16() != SIZ) {
      throw new IOException("it holds no JPEG 2000 codestream");
    }
    ReferenceGrid grid = ReferenceGrid.read(segment(in, "its image size"));
    Codestream codestream = new Codestream(in, grid);
    codestream.readTiles();
    return codestream;
  }

  ReferenceGrid grid() {
    return grid;
  }

  /** {@return a tile's data, which is forgotten here} */
  TileData takeTile(int index) {
    return tiles.remove(index);
  }

  private void readTiles() throws IOException {
    readHeader(parameters, SOT);
    do {
      readTilePart();
    } while (nextTilePart());
    for (int tile = 0; tile < grid.tileCount(); tile++) {
      if (!tiles.containsKey(tile)) {
        throw new EOFException("the file ends early");
      }
    }
  }

  /** Reads marker segments up to a marker, which is consumed. */
  private void readHeader(CodingParameters header, int end) throws IOException {
    for (int marker = in.u16(); marker != end; marker = in.u16()) {
      String name = "marker segment " + hex(marker);
      switch (marker) {
        case COD -> header.readCod(segment(in, name));
        case COC -> header.readCoc(segment(in, name));
        case QCD -> header.readQcd(segment(in, name));
        case QCC -> header.readQcc(segment(in, name));
        case RGN -> header.readRgn(segment(in, name));
        case POC -> header.readPoc(segment(in, name));
        case TLM, PLM, PLT, CRG, COM -> segment(in, name);
        case PPM, PPT ->
            throw new IOException(
                "its JPEG 2000 data has packed packet headers (PPM or PPT), which are not"
                    + " supported");
        case CAP ->
            throw new IOException(
                "it needs more than Part 1 of JPEG 2000, such as HTJ2K (high-throughput JPEG"
                    + " 2000), which is not supported");
        default ->
            throw new IOException(
                "its JPEG 2000 data is damaged or needs more than Part 1 of the standard: it has"
                    + " the unknown marker "
                    + hex(marker));
      }
    }
  }

  private static CodestreamBytes segment(CodestreamBytes in, String name) throws IOException {
    int length = in.u16();
    if (length < 2) {
      throw new IOException("its JPEG 2000 data is damaged: " + name + " is too short");
    }
    return in.part(length - 2, name);
  }

  /** Reads a tile-part, whose marker SOT is consumed (A.4.2). */
  private void readTilePart() throws IOException {
    int start = in.position() - 2;
    CodestreamBytes sot = segment(in, "the start of a tile");
    int tile = sot.u16();
    long length = sot.u32();
    int part = sot.u8();
    if (tile >= grid.tileCount()) {
      throw new IOException(
          "its JPEG 2000 data is damaged: it has tile " + tile + " of " + grid.tileCount());
    }
    TileData data = tiles.computeIfAbsent(tile, t -> new TileData(parameters.forTile()));
    if (part != data.parts) {
      throw new IOException(
          "its JPEG 2000 data is damaged: a part of tile " + tile + " is missing");
    }
    data.parts++;
    if (length != 0 && length < SOT_LENGTH + 2) {
      throw new IOException(
          "its JPEG 2000 data is damaged: a part of tile " + tile + " is too short");
    }
    readHeader(data.parameters, SOD);
    // A length of 0 says that the tile-part goes on to the end.
    long left = length == 0 ? in.remaining() : start + length - in.position();
    if (left < 0) {
      throw new IOException(
          "its JPEG 2000 data is damaged: a part of tile " + tile + " is too short");
    }
    data.packets.write(in.part(left, "a tile").rest());
  }

  /**
   * Consumes the marker SOT of the next tile-part. The marker EOC at the end may be missing:
   * whether packets are complete is known without it.
   */
  private boolean nextTilePart() throws IOException {
    int marker = in.peek16();
    if (marker == SOT) {
      in.advance(2);
      return true;
    }
    if (marker == EOC || marker == 0 || marker == -1) {
      return false;
    }
    throw new IOException(
        "its JPEG 2000 data is damaged: " + hex(marker) + " stands where a tile should start");
  }

  private static String hex(int marker) {
    return String.format("0x%04X", marker);
  }
}
