package org.aucmedi.xai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class AucmediMethodTest {

  @Test
  void keys_ofAllMethods_areThoseOfXaiDict() {
    assertThat(Arrays.stream(AucmediMethod.values()).flatMap(m -> m.keys().stream()))
        .containsExactlyInAnyOrder(
            "gradcam",
            "GradCAM",
            "gc",
            "gradcam++",
            "GradCAM++",
            "GradCAMpp",
            "gc++",
            "GuidedGradCAM",
            "ggc",
            "saliency",
            "SaliencyMap",
            "sm",
            "guidedbackprop",
            "GuidedBackpropagation",
            "gb",
            "IntegratedGradients",
            "ig",
            "OcclusionSensitivity",
            "os",
            "LimePro",
            "lp",
            "LimeCon",
            "lc");
  }
}
