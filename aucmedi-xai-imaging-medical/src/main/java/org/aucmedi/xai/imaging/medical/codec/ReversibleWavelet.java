package org.aucmedi.xai.imaging.medical.codec;

/** The reversible 5/3 filter (T.800, F.3.8.1). */
final class ReversibleWavelet extends InverseWavelet {

  private final int[] samples;
  private int[] line = {};

  ReversibleWavelet(int width, int height) {
    super(width);
    samples = new int[width * height];
  }

  int[] samples() {
    return samples;
  }

  @Override
  void set(int index, int doubled, float step) {
    samples[index] = doubled / 2;
  }

  @Override
  int sample(int index) {
    return samples[index];
  }

  @Override
  void filter(Lines lines) {
    int lanes = lines.lanes();
    if (line.length < lines.length() * lanes) {
      line = new int[lines.length() * lanes];
    }
    for (int i = 0; i < lines.length(); i++) {
      int from = lines.start() + i * lines.step();
      int to = lines.interleaved(i) * lanes;
      for (int lane = 0; lane < lanes; lane++) {
        line[to + lane] = samples[from + lane * lines.laneStep()];
      }
    }
    lift(lines);
    for (int i = 0; i < lines.length(); i++) {
      int to = lines.start() + i * lines.step();
      for (int lane = 0; lane < lanes; lane++) {
        samples[to + lane * lines.laneStep()] = line[i * lanes + lane];
      }
    }
  }

  private void lift(Lines lines) {
    int lanes = lines.lanes();
    int first = lines.odd() ? 1 : 0;
    if (lines.length() == 1) {
      for (int lane = 0; lane < lanes; lane++) {
        line[lane] /= 1 + first;
      }
      return;
    }
    for (int i = first; i < lines.length(); i += 2) {
      int before = lines.before(i) * lanes;
      int after = lines.after(i) * lanes;
      for (int lane = 0; lane < lanes; lane++) {
        line[i * lanes + lane] -= (line[before + lane] + line[after + lane] + 2) >> 2;
      }
    }
    for (int i = 1 - first; i < lines.length(); i += 2) {
      int before = lines.before(i) * lanes;
      int after = lines.after(i) * lanes;
      for (int lane = 0; lane < lanes; lane++) {
        line[i * lanes + lane] += (line[before + lane] + line[after + lane]) >> 1;
      }
    }
  }
}
