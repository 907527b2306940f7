package org.aucmedi.xai.decoder.automl;

import com.google.common.collect.ImmutableSortedMap;
import java.util.stream.Collectors;
import org.aucmedi.xai.error.XAIException;
import org.aucmedi.xai.imaging.Standardize;

/**
 * What AUCMEDI fixes for an architecture.
 *
 * @param standardize how pixel values are scaled
 * @param size the side of the input, in pixels or voxels, unless the model says otherwise
 */
record Architecture(Standardize standardize, int size) {

  /** By AUCMEDI's key. */
  private static final ImmutableSortedMap<String, Architecture> KNOWN = new Table().build();

  /**
   * Finds an architecture.
   *
   * @param key for instance {@code 2D.DenseNet121}
   * @param source what names it, for a message
   * @throws XAIException if AUCMEDI has none of that name
   */
  static Architecture of(String key, Object source) {
    Architecture found = KNOWN.get(key);
    if (found == null) {
      String dimension = key.substring(0, 3);
      throw new XAIException(
          source
              + " names the architecture '"
              + key.substring(3)
              + "', whose standardisation is unknown; AUCMEDI's "
              + key.substring(0, 2)
              + " architectures are "
              + KNOWN.keySet().stream()
                  .filter(known -> known.startsWith(dimension))
                  .map(known -> known.substring(3))
                  .collect(Collectors.joining(", "))
              + "; or give the model file itself, with --standardize and --resize");
    }
    return found;
  }

  private static final class Table {

    private final ImmutableSortedMap.Builder<String, Architecture> rows =
        ImmutableSortedMap.naturalOrder();

    ImmutableSortedMap<String, Architecture> build() {
      add("2D", Standardize.Z_SCORE, 224, "Vanilla");
      add("2D", Standardize.CAFFE, 224, "ResNet50", "ResNet101", "ResNet152", "VGG16", "VGG19");
      add("2D", Standardize.TF, 224, "ResNet50V2", "ResNet101V2", "ResNet152V2");
      add("2D", Standardize.TF, 224, "MobileNet", "MobileNetV2", "NASNetMobile");
      add("2D", Standardize.TF, 299, "InceptionResNetV2", "InceptionV3", "Xception");
      add("2D", Standardize.TF, 331, "NASNetLarge");
      add("2D", Standardize.TORCH, 224, "DenseNet121", "DenseNet169", "DenseNet201");
      int[] efficientNet = {224, 240, 260, 300, 380, 456, 528, 600};
      for (int b = 0; b < efficientNet.length; b++) {
        add("2D", Standardize.CAFFE, efficientNet[b], "EfficientNetB" + b);
      }
      String[] convNeXt = {"ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge"};
      add("2D", Standardize.NONE, 224, convNeXt);
      // AUCMEDI has these, but does not register them.
      add("2D", Standardize.TORCH, 224, "ResNeXt50", "ResNeXt101");
      add("2D", Standardize.TF, 224, "ViT_B16", "ViT_B32");
      add("2D", Standardize.TF, 384, "ViT_L16", "ViT_L32");

      add("3D", Standardize.Z_SCORE, 128, "Vanilla");
      add("3D", Standardize.TORCH, 64, "DenseNet121", "DenseNet169", "DenseNet201");
      add("3D", Standardize.GRAYSCALE, 64, "ResNet18", "ResNet34", "ResNet50", "ResNet101");
      add("3D", Standardize.GRAYSCALE, 64, "ResNet152", "ResNeXt50", "ResNeXt101");
      add("3D", Standardize.TF, 64, "MobileNet", "MobileNetV2");
      add("3D", Standardize.CAFFE, 64, "VGG16", "VGG19");
      add("3D", Standardize.NONE, 64, convNeXt);
      return rows.build();
    }

    private void add(String dimension, Standardize standardize, int size, String... names) {
      for (String name : names) {
        rows.put(dimension + "." + name, new Architecture(standardize, size));
      }
    }
  }
}
