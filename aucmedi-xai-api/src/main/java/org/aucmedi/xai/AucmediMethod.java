package org.aucmedi.xai;

import com.google.common.collect.ImmutableList;
import java.util.List;

/** The methods of AUCMEDI's {@code xai_dict} and the 23 keys they have there. */
public enum AucmediMethod {
  /** Gradient-weighted class activation mapping. */
  GRAD_CAM("Grad-CAM", "gradcam", "GradCAM", "gc"),
  /** Its weighted variant. */
  GRAD_CAM_PLUS_PLUS("Grad-CAM++", "gradcam++", "GradCAM++", "GradCAMpp", "gc++"),
  /** Grad-CAM times guided backpropagation. */
  GUIDED_GRAD_CAM("Guided Grad-CAM", "GuidedGradCAM", "ggc"),
  /** The gradient with respect to the input. */
  SALIENCY_MAP("Saliency map", "saliency", "SaliencyMap", "sm"),
  /** The gradient with the guided rule at rectifiers. */
  GUIDED_BACKPROPAGATION("Guided backpropagation", "guidedbackprop", "GuidedBackpropagation", "gb"),
  /** The gradient averaged along a path. */
  INTEGRATED_GRADIENTS("Integrated gradients", "IntegratedGradients", "ig"),
  /** The prediction with parts of the image covered. */
  OCCLUSION_SENSITIVITY("Occlusion sensitivity", "OcclusionSensitivity", "os"),
  /** What speaks for a class in a local linear model. */
  LIME_PRO("LIME pro", "LimePro", "lp"),
  /** What speaks against a class in a local linear model. */
  LIME_CON("LIME con", "LimeCon", "lc");

  private final String title;
  private final ImmutableList<String> keys;

  AucmediMethod(String title, String... keys) {
    this.title = title;
    this.keys = ImmutableList.copyOf(keys);
  }

  /**
   * Returns the method's name in the literature.
   *
   * @return the name
   */
  public String title() {
    return title;
  }

  /**
   * Returns the keys as AUCMEDI spells them.
   *
   * @return the keys, some of which differ in case only
   */
  public List<String> keys() {
    return keys;
  }
}
