package io.pagoda.node.bench;

import io.pagoda.KvLayout;
import java.util.Locale;

/** Layouts by the words that people use for them. */
final class Layouts {
  private Layouts() {}

  /** {@return a layout as it is written, such as {@code layer-first}} */
  static String word(KvLayout layout) {
    return layout.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
