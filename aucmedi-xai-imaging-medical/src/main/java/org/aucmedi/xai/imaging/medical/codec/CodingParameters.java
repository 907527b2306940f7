package org.aucmedi.xai.imaging.medical.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the headers say about coding (T.800, A.6). A header of a tile overrides the main header, and
 * what is said of one component overrides what is said of all.
 */
final class CodingParameters {

  private static final int PRECINCTS = 1;
  private static final int SOP = 2;
  private static final int EPH = 4;
  private static final int MOST_PROGRESSIONS = 256;

  private final @Nullable CodingParameters main;
  private final int componentCount;
  private @Nullable Packets packets;
  private @Nullable CodingStyle style;
  private @Nullable BandQuantization quantization;
  private final Map<Integer, CodingStyle> styles = new HashMap<>();
  private final Map<Integer, BandQuantization> quantizations = new HashMap<>();
  private final Map<Integer, Integer> regionShifts = new HashMap<>();
  private final List<Progression> progressions = new ArrayList<>();

  /**
   * The part of COD that holds for all components.
   *
   * @param startMarkers whether a marker may stand before a packet
   * @param endMarkers whether a marker ends a packet's header
   * @param order the order of packets where no POC changes it
   * @param layers the number of quality layers
   * @param componentTransform whether the first three components were transformed
   */
  record Packets(
      boolean startMarkers,
      boolean endMarkers,
      ProgressionOrder order,
      int layers,
      boolean componentTransform) {}

  private CodingParameters(@Nullable CodingParameters main, int componentCount) {
    this.main = main;
    this.componentCount = componentCount;
  }

  static CodingParameters ofMainHeader(int componentCount) {
    return new CodingParameters(null, componentCount);
  }

  /** {@return parameters of a tile, at first those of this main header} */
  CodingParameters forTile() {
    return new CodingParameters(this, componentCount);
  }

  void readCod(CodestreamBytes cod) throws IOException {
    int flags = cod.u8();
    ProgressionOrder order = ProgressionOrder.of(cod.u8());
    int layers = cod.u16();
    int transform = cod.u8();
    if (layers == 0) {
      throw new IOException("its JPEG 2000 data is damaged: it has no layers");
    }
    if (transform > 1 || (transform == 1 && componentCount < 3)) {
      throw new IOException(
          "its JPEG 2000 data has a component transform that Part 1 of the standard does not know");
    }
    packets = new Packets((flags & SOP) != 0, (flags & EPH) != 0, order, layers, transform == 1);
    style = CodingStyle.read(cod, (flags & PRECINCTS) != 0);
  }

  void readCoc(CodestreamBytes coc) throws IOException {
    int component = component(coc);
    int flags = coc.u8();
    styles.put(component, CodingStyle.read(coc, (flags & PRECINCTS) != 0));
  }

  void readQcd(CodestreamBytes qcd) throws IOException {
    quantization = BandQuantization.read(qcd);
  }

  void readQcc(CodestreamBytes qcc) throws IOException {
    int component = component(qcc);
    quantizations.put(component, BandQuantization.read(qcc));
  }

  void readRgn(CodestreamBytes rgn) throws IOException {
    int component = component(rgn);
    if (rgn.u8() != 0) {
      throw new IOException("its JPEG 2000 data has a region of interest of an unknown kind");
    }
    regionShifts.put(component, rgn.u8());
  }

  void readPoc(CodestreamBytes poc) throws IOException {
    progressions.addAll(Progression.read(poc, componentCount));
    if (progressions.size() > MOST_PROGRESSIONS) {
      throw new IOException(
          "its JPEG 2000 data has "
              + progressions.size()
              + " progressions; up to "
              + MOST_PROGRESSIONS
              + " are supported");
    }
  }

  private int component(CodestreamBytes segment) throws IOException {
    int component = componentCount > 256 ? segment.u16() : segment.u8();
    if (component >= componentCount) {
      throw new IOException(
          "its JPEG 2000 data is damaged: it speaks of component "
              + component
              + " of "
              + componentCount);
    }
    return component;
  }

  Packets packets() throws IOException {
    return packets != null ? packets : main().packets();
  }

  CodingStyle style(int component) throws IOException {
    CodingStyle own = styles.getOrDefault(component, style);
    return own != null ? own : main().style(component);
  }

  BandQuantization quantization(int component) throws IOException {
    BandQuantization own = quantizations.getOrDefault(component, quantization);
    return own != null ? own : main().quantization(component);
  }

  /** {@return the bits by which a region of interest was raised, 0 for none} */
  int regionShift(int component) {
    Integer own = regionShifts.get(component);
    return own != null ? own : main != null ? main.regionShift(component) : 0;
  }

  /** {@return the progressions, one after the other} */
  List<Progression> progressions() throws IOException {
    if (!progressions.isEmpty()) {
      return progressions;
    }
    if (main != null && !main.progressions.isEmpty()) {
      return main.progressions;
    }
    return List.of(Progression.all(packets().order()));
  }

  private CodingParameters main() throws IOException {
    if (main == null) {
      throw new IOException(
          "its JPEG 2000 data is damaged: the main header has no "
              + (packets == null ? "coding style" : "quantisation"));
    }
    return main;
  }
}
