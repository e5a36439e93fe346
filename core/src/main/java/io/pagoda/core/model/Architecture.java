package io.pagoda.core.model;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import java.util.List;

/**
 * What a model is by itself, whatever serves it.
 *
 * @param name what it is called; empty if that is not told
 * @param groups its layers, in order
 */
public record Architecture(String name, List<LayerGroup> groups) {
  /** Copies the groups. */
  public Architecture {
    groups = List.copyOf(groups);
  }

  /** {@return the same model with every element of its KV cache stored as {@code type}} */
  public Architecture storedAs(ElementType type) {
    return new Architecture(
        name,
        groups.stream()
            .map(
                group -> new LayerGroup(
                    group.layers(), group.kvHeads(), group.headSize(), group.shared(), type,
                    group.tokensPerEntry()))
            .toList());
  }
}
