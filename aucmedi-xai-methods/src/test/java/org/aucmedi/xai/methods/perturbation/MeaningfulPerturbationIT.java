package org.aucmedi.xai.methods.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aucmedi.xai.Heatmap;
import org.aucmedi.xai.Target;
import org.aucmedi.xai.model.ExplainableModel;
import org.aucmedi.xai.testkit.Golden;
import org.aucmedi.xai.testkit.Maps;
import org.junit.jupiter.api.Test;

/** Meaningful perturbation of a real network against PyTorch's autograd, interpolation and Adam. */
final class MeaningfulPerturbationIT {

  private static final int IMAGES = 2;

  /** Written by tools/meaningful_perturbation_reference.py, in double precision. */
  private static Golden.Array reference(String key) throws URISyntaxException {
    return Golden.array(
        Path.of(
            Objects.requireNonNull(
                    MeaningfulPerturbationIT.class.getResource("/perturbation/meaningful.npz"))
                .toURI()),
        key);
  }

  @Test
  void resmini_sameStartAndSteps_isPyTorchsMask() throws URISyntaxException {
    Golden.Array x = Golden.array("resmini_aucmedi.npz", "x").first(IMAGES).channelsFirst();
    float[] indices = Golden.array("resmini_aucmedi.npz", "classes").data();
    int[] classes = new int[indices.length];
    Arrays.setAll(classes, k -> (int) indices[k]);
    long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
    Golden.Array deleted = reference("deleted");
    Golden.Array scores = reference("scores");
    try (ExplainableModel model =
            ExplainableModel.load(Golden.file("models/resmini_scripted.pt"), "PyTorch");
        NDManager manager = model.newManager()) {
      List<List<Heatmap>> found =
          MeaningfulPerturbation.builder()
              .opt(MeaningfulPerturbation.CELLS, new Patch(7, 8))
              .opt(MeaningfulPerturbation.STEPS, 100)
              .opt(MeaningfulPerturbation.AREA, 0.5)
              .opt(MeaningfulPerturbation.SMOOTHNESS, 4.0)
              .build(model)
              .explainRaw(
                  manager.create(FloatBuffer.wrap(x.data()), new Shape(shape)),
                  Target.ofClasses(classes));
      for (int n = 0; n < IMAGES; n++) {
        for (int k = 0; k < classes.length; k++) {
          Heatmap map = found.get(n).get(k);
          float[] expected = deleted.get(n).get(k).data();
          Maps.assertClose(
              "image " + n + ", class " + classes[k],
              map.values(),
              expected,
              1e-3 * Maps.maxAbs(expected));
          float[] own = scores.get(n).get(k).data();
          Map<String, Double> diagnostics = map.diagnostics();
          assertThat(diagnostics.get(MeaningfulPerturbation.DROP))
              .isCloseTo(own[0] - own[2], within(1e-4));
          assertThat(diagnostics.get(MeaningfulPerturbation.DROP_OF_FILL))
              .isCloseTo(own[0] - own[1], within(1e-4));
        }
      }
    }
  }
}
