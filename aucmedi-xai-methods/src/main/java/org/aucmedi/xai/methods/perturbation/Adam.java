package org.aucmedi.xai.methods.perturbation;

/**
 * Adam, gradient descent with a step of about the same size for every parameter, whatever the size
 * of its gradient.
 *
 * <p>With the gradient g of step t, counted from 1, and {@code a = 0.9}, {@code b = 0.999},
 *
 * <pre>{@code
 * m = a m + (1 - a) g        v = b v + (1 - b) g^2
 * x = x - rate * (m / (1 - a^t)) / (sqrt(v / (1 - b^t)) + 1e-8)
 * }</pre>
 *
 * <p>Paper: D. Kingma, J. Ba, <a href="https://arxiv.org/abs/1412.6980">Adam: A Method for
 * Stochastic Optimization</a>, 2014.
 */
final class Adam {

  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.999;
  private static final double EPSILON = 1e-8;

  private final double rate;
  private final double[] first;
  private final double[] second;
  private int steps;

  /**
   * Begins.
   *
   * @param size the number of parameters
   * @param rate the size of a step
   */
  Adam(int size, double rate) {
    this.rate = rate;
    first = new double[size];
    second = new double[size];
  }

  /** Changes the parameters by one step against the gradient. */
  void step(double[] parameters, double[] gradient) {
    steps++;
    double firstScale = 1 - Math.pow(FIRST_DECAY, steps);
    double secondScale = 1 - Math.pow(SECOND_DECAY, steps);
    for (int i = 0; i < parameters.length; i++) {
      first[i] = FIRST_DECAY * first[i] + (1 - FIRST_DECAY) * gradient[i];
      second[i] = SECOND_DECAY * second[i] + (1 - SECOND_DECAY) * gradient[i] * gradient[i];
      parameters[i] -=
          rate * (first[i] / firstScale) / (Math.sqrt(second[i] / secondScale) + EPSILON);
    }
  }
}
