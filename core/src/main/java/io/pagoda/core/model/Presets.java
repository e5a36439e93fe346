package io.pagoda.core.model;

import io.pagoda.ElementType;
import io.pagoda.core.config.Documents;
import io.pagoda.core.config.Section;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;

/** The catalogue of well known models, in the resource {@code models.conf}. */
public final class Presets {
  private static final String CATALOGUE = "models.conf";

  private final Section models = Documents.bundled(Presets.class, CATALOGUE);

  /** Reads the catalogue. */
  public Presets() {}

  /** {@return what the models are called here, in alphabetical order} */
  public NavigableSet<String> names() {
    return models.keys();
  }

  /** {@return the model called {@code name}, if it is known} */
  public Optional<Architecture> find(String name) {
    return Optional.of(name).filter(names()::contains).map(known -> read(models.section(known)));
  }

  private static Architecture read(Section model) {
    return new Architecture(model.string("name"), List.of(Layers.read(model, ElementType.BF16)));
  }
}
