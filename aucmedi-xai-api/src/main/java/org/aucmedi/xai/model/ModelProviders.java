package org.aucmedi.xai.model;

import ai.djl.Model;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.aucmedi.xai.error.XAIException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Selects the provider for a model. */
final class ModelProviders {

  private static final Logger logger = LoggerFactory.getLogger(ModelProviders.class);

  private ModelProviders() {}

  /** A zoo model wraps the one that its engine loaded. */
  static Model unwrap(Model model) {
    Model inner = model;
    while (inner instanceof ZooModel<?, ?> zoo) {
      inner = zoo.getWrappedModel();
    }
    return inner;
  }

  static ExplainableModelProvider forModel(Model model) {
    List<ExplainableModelProvider> providers = all();
    return providers.stream()
        .filter(provider -> provider.accepts(model))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no engine module on the classpath can explain model '"
                        + model.getName()
                        + "' of engine "
                        + model.getNDManager().getEngine().getEngineName()
                        + "; "
                        + remedy(providers)));
  }

  /** Whoever reads the file knows what belongs to it. */
  static List<Path> files(Path path) {
    Stream<Path> ofEngines =
        all().stream()
            .filter(provider -> provider.canLoad(path))
            .flatMap(provider -> provider.files(path).stream());
    Stream<Path> ofImporters =
        Services.load(ModelImporter.class).stream()
            .filter(importer -> importer.canImport(path))
            .flatMap(importer -> importer.files(path).stream());
    List<Path> files =
        Stream.concat(ofEngines, ofImporters)
            .map(file -> file.toAbsolutePath().normalize())
            .distinct()
            .toList();
    return files.isEmpty() ? List.of(path.toAbsolutePath().normalize()) : files;
  }

  static ExplainableModel load(Path path, LoadOptions options) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException("there is no model file " + path);
    }
    Optional<ExplainableModelProvider> reader =
        all().stream()
            .filter(provider -> isNamed(provider, options.engine()) && provider.canLoad(path))
            .findFirst();
    Optional<ModelImporter> importer =
        reader.isPresent() && options.engine() != null
            ? Optional.empty()
            : Services.load(ModelImporter.class).stream()
                .filter(candidate -> candidate.canImport(path))
                .findFirst();
    if (importer.isEmpty()) {
      return forPath(path, options.engine()).load(path, options);
    }
    if (reader.isEmpty()) {
      return load(importer.get(), path, options);
    }
    try {
      return ImportCheck.passed(load(importer.get(), path, options), path, reader.get(), options);
    } catch (UnsupportedModelException e) {
      logger.warn(
          "{}; it is loaded with {}, which predicts only",
          e.getMessage(),
          reader.get().engineName());
      return reader.get().load(path, options);
    }
  }

  /** Whoever loads a file can replace its weights, after an importer has compiled it. */
  static RandomisedCopies randomised(Path path, LoadOptions options) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException("there is no model file " + path);
    }
    ImportFolder folder = ImportFolder.create(path);
    try {
      Optional<ModelImporter> importer =
          Services.load(ModelImporter.class).stream()
              .filter(candidate -> candidate.canImport(path))
              .findFirst();
      Path file = path;
      if (importer.isPresent()) {
        file = importer.get().importInto(path, folder.path(), options);
      }
      return new RandomisedCopies(forPath(file, options.engine()), file, options, folder);
    } catch (IOException e) {
      folder.close();
      throw new XAIException("cannot import " + path + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private static boolean isNamed(ExplainableModelProvider provider, @Nullable String engineName) {
    return engineName == null || provider.engineName().equalsIgnoreCase(engineName);
  }

  private static ExplainableModel load(ModelImporter importer, Path path, LoadOptions options) {
    try (ImportFolder folder = ImportFolder.create(path)) {
      Path imported = importer.importInto(path, folder.path(), options);
      return forPath(imported, options.engine()).load(imported, options);
    } catch (IOException e) {
      throw new XAIException("cannot import " + path + ": " + e.getMessage(), e);
    }
  }

  private static ExplainableModelProvider forPath(Path path, @Nullable String engineName) {
    List<ExplainableModelProvider> providers = all();
    return providers.stream()
        .filter(
            provider ->
                isNamed(provider, engineName) && (engineName != null || provider.canLoad(path)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    engineName == null
                        ? UnsupportedFiles.explain(path)
                            .orElse(
                                "cannot infer the engine from "
                                    + path
                                    + "; specify the engine; "
                                    + remedy(providers))
                        : "no engine module on the classpath is named '"
                            + engineName
                            + "'; "
                            + remedy(providers)));
  }

  private static List<ExplainableModelProvider> all() {
    return Services.load(ExplainableModelProvider.class);
  }

  private static String remedy(List<ExplainableModelProvider> providers) {
    return providers.isEmpty()
        ? "add an engine module, for instance aucmedi-xai-engine-pytorch"
        : "present: "
            + providers.stream()
                .map(ExplainableModelProvider::engineName)
                .distinct()
                .collect(Collectors.joining(", "));
  }
}
