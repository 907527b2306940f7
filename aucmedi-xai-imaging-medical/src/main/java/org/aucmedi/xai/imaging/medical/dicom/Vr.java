package org.aucmedi.xai.imaging.medical.dicom;

/** The value representations, the types of DICOM's elements (PS3.5 section 6.2). */
public enum Vr {
  AE(Kind.TEXT, 1, false),
  AS(Kind.TEXT, 1, false),
  AT(Kind.NUMBER, 2, false),
  CS(Kind.TEXT, 1, false),
  DA(Kind.TEXT, 1, false),
  DS(Kind.TEXT, 1, false),
  DT(Kind.TEXT, 1, false),
  FD(Kind.NUMBER, 8, false),
  FL(Kind.NUMBER, 4, false),
  IS(Kind.TEXT, 1, false),
  LO(Kind.TEXT, 1, false),
  LT(Kind.TEXT, 1, false),
  OB(Kind.BYTES, 1, true),
  OD(Kind.BYTES, 8, true),
  OF(Kind.BYTES, 4, true),
  OL(Kind.BYTES, 4, true),
  OV(Kind.BYTES, 8, true),
  OW(Kind.BYTES, 2, true),
  PN(Kind.TEXT, 1, false),
  SH(Kind.TEXT, 1, false),
  SL(Kind.NUMBER, 4, false),
  SQ(Kind.ITEMS, 1, true),
  SS(Kind.NUMBER, 2, false),
  ST(Kind.TEXT, 1, false),
  SV(Kind.NUMBER, 8, true),
  TM(Kind.TEXT, 1, false),
  UC(Kind.TEXT, 1, true),
  UI(Kind.TEXT, 1, false),
  UL(Kind.NUMBER, 4, false),
  UN(Kind.BYTES, 1, true),
  UR(Kind.TEXT, 1, true),
  US(Kind.NUMBER, 2, false),
  UT(Kind.TEXT, 1, true),
  UV(Kind.NUMBER, 8, true);

  private final Kind kind;
  private final int unit;
  private final boolean longLength;

  Vr(Kind kind, int unit, boolean longLength) {
    this.kind = kind;
    this.unit = unit;
    this.longLength = longLength;
  }

  /** What a value consists of. */
  enum Kind {
    TEXT,
    NUMBER,
    BYTES,
    ITEMS
  }

  Kind kind() {
    return kind;
  }

  /** {@return the number of bytes that a change of the byte order reverses} */
  public int unit() {
    return unit;
  }

  /** {@return whether the length has 32 bits where the VR is explicit (PS3.5 section 7.1.2)} */
  public boolean hasLongLength() {
    return longLength;
  }

  /** {@return whether several values may stand in one text, with backslashes between them} */
  public boolean hasSeveralTexts() {
    return kind == Kind.TEXT && this != LT && this != ST && this != UT && this != UR;
  }

  /** {@return the byte that makes the length of a value even (PS3.5 section 6.2)} */
  public byte padding() {
    return (byte) (kind == Kind.TEXT && this != UI ? ' ' : 0);
  }
}
