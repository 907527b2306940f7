package org.aucmedi.xai.methods.catalog;

import java.util.List;
import org.aucmedi.xai.XAIMethodCatalog;
import org.aucmedi.xai.XAIMethodProvider;
import org.aucmedi.xai.methods.attention.AttentionGradients;
import org.aucmedi.xai.methods.attention.AttentionRollout;
import org.aucmedi.xai.methods.cam.AblationCam;
import org.aucmedi.xai.methods.cam.Cam;
import org.aucmedi.xai.methods.cam.EigenCam;
import org.aucmedi.xai.methods.cam.EigenGradCam;
import org.aucmedi.xai.methods.cam.ElementwiseGradCam;
import org.aucmedi.xai.methods.cam.GradCam;
import org.aucmedi.xai.methods.cam.GradCamPlusPlus;
import org.aucmedi.xai.methods.cam.GuidedGradCam;
import org.aucmedi.xai.methods.cam.HiResCam;
import org.aucmedi.xai.methods.cam.LayerCam;
import org.aucmedi.xai.methods.cam.LayerIntegratedGradients;
import org.aucmedi.xai.methods.cam.ScoreCam;
import org.aucmedi.xai.methods.cam.SmoothGradCamPlusPlus;
import org.aucmedi.xai.methods.cam.XGradCam;
import org.aucmedi.xai.methods.gradient.BlurIntegratedGradients;
import org.aucmedi.xai.methods.gradient.Deconvnet;
import org.aucmedi.xai.methods.gradient.DeepLift;
import org.aucmedi.xai.methods.gradient.FullGrad;
import org.aucmedi.xai.methods.gradient.GradientShap;
import org.aucmedi.xai.methods.gradient.GradientXInput;
import org.aucmedi.xai.methods.gradient.GuidedBackpropagation;
import org.aucmedi.xai.methods.gradient.GuidedIntegratedGradients;
import org.aucmedi.xai.methods.gradient.IntegratedGradients;
import org.aucmedi.xai.methods.gradient.LayerwiseRelevancePropagation;
import org.aucmedi.xai.methods.gradient.SaliencyMap;
import org.aucmedi.xai.methods.gradient.SmoothGrad;
import org.aucmedi.xai.methods.gradient.SmoothGradSquared;
import org.aucmedi.xai.methods.gradient.VarGrad;
import org.aucmedi.xai.methods.gradient.Xrai;
import org.aucmedi.xai.methods.perturbation.FeatureAblation;
import org.aucmedi.xai.methods.perturbation.KernelShap;
import org.aucmedi.xai.methods.perturbation.LimeCon;
import org.aucmedi.xai.methods.perturbation.LimePro;
import org.aucmedi.xai.methods.perturbation.MeaningfulPerturbation;
import org.aucmedi.xai.methods.perturbation.OcclusionSensitivity;
import org.aucmedi.xai.methods.perturbation.Rise;
import org.aucmedi.xai.methods.perturbation.ShapleySampling;

/** The methods of this module: AUCMEDI's, under the 23 keys they have there, and others. */
public final class BuiltInMethods implements XAIMethodCatalog {

  /** Constructs the catalog; ServiceLoader calls this. */
  public BuiltInMethods() {}

  @Override
  public List<XAIMethodProvider<?>> methods() {
    return List.of(
        GradCam.PROVIDER,
        GradCamPlusPlus.PROVIDER,
        GuidedGradCam.PROVIDER,
        HiResCam.PROVIDER,
        LayerCam.PROVIDER,
        XGradCam.PROVIDER,
        ElementwiseGradCam.PROVIDER,
        SmoothGradCamPlusPlus.PROVIDER,
        Cam.PROVIDER,
        EigenCam.PROVIDER,
        EigenGradCam.PROVIDER,
        ScoreCam.PROVIDER,
        AblationCam.PROVIDER,
        LayerIntegratedGradients.PROVIDER,
        AttentionRollout.PROVIDER,
        AttentionGradients.PROVIDER,
        SaliencyMap.PROVIDER,
        GuidedBackpropagation.PROVIDER,
        Deconvnet.PROVIDER,
        IntegratedGradients.PROVIDER,
        BlurIntegratedGradients.PROVIDER,
        GuidedIntegratedGradients.PROVIDER,
        Xrai.PROVIDER,
        GradientXInput.PROVIDER,
        SmoothGrad.PROVIDER,
        SmoothGradSquared.PROVIDER,
        VarGrad.PROVIDER,
        GradientShap.PROVIDER,
        DeepLift.PROVIDER,
        FullGrad.PROVIDER,
        LayerwiseRelevancePropagation.PROVIDER,
        OcclusionSensitivity.PROVIDER,
        LimePro.PROVIDER,
        LimeCon.PROVIDER,
        KernelShap.PROVIDER,
        ShapleySampling.PROVIDER,
        FeatureAblation.PROVIDER,
        Rise.PROVIDER,
        MeaningfulPerturbation.PROVIDER);
  }
}
