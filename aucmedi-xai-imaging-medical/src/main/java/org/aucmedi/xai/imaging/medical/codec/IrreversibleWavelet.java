package org.aucmedi.xai.imaging.medical.codec;

/** The irreversible 9/7 filter (T.800, F.3.8.2). */
final class IrreversibleWavelet extends InverseWavelet {

  /** The lifting parameters of Table F.4. */
  private static final float ALPHA = (float) -1.586_134_342_059_924;

  private static final float BETA = (float) -0.052_980_118_572_961;
  private static final float GAMMA = (float) 0.882_911_075_530_934;
  private static final float DELTA = (float) 0.443_506_852_043_971;
  private static final float K = (float) 1.230_174_104_914_001;

  private final float[] samples;
  private float[] line = {};

  IrreversibleWavelet(int width, int height) {
    super(width);
    samples = new float[width * height];
  }

  float[] samples() {
    return samples;
  }

  @Override
  void set(int index, int doubled, float step) {
    samples[index] = doubled * 0.5f * step;
  }

  @Override
  int sample(int index) {
    return (int) Math.rint(samples[index]);
  }

  @Override
  void filter(Lines lines) {
    int lanes = lines.lanes();
    if (line.length < lines.length() * lanes) {
      line = new float[lines.length() * lanes];
    }
    boolean single = lines.length() == 1;
    for (int i = 0; i < lines.length(); i++) {
      int from = lines.start() + i * lines.step();
      int to = lines.interleaved(i) * lanes;
      float scale = single ? lines.odd() ? 0.5f : 1 : i < lines.low() ? K : 1 / K;
      for (int lane = 0; lane < lanes; lane++) {
        line[to + lane] = scale * samples[from + lane * lines.laneStep()];
      }
    }
    if (!single) {
      int low = lines.odd() ? 1 : 0;
      lift(lines, low, DELTA);
      lift(lines, 1 - low, GAMMA);
      lift(lines, low, BETA);
      lift(lines, 1 - low, ALPHA);
    }
    for (int i = 0; i < lines.length(); i++) {
      int to = lines.start() + i * lines.step();
      for (int lane = 0; lane < lanes; lane++) {
        samples[to + lane * lines.laneStep()] = line[i * lanes + lane];
      }
    }
  }

  /** Subtracts both neighbours' share from every second sample. */
  private void lift(Lines lines, int first, float share) {
    int lanes = lines.lanes();
    for (int i = first; i < lines.length(); i += 2) {
      int before = lines.before(i) * lanes;
      int after = lines.after(i) * lanes;
      for (int lane = 0; lane < lanes; lane++) {
        line[i * lanes + lane] -= share * (line[before + lane] + line[after + lane]);
      }
    }
  }
}
