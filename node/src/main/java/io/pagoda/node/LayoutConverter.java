package io.pagoda.node;

import io.pagoda.KvLayout;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads layouts such as {@code layer-first}. */
final class LayoutConverter implements ITypeConverter<KvLayout> {
  @Override
  public KvLayout convert(String text) {
    return Arrays.stream(KvLayout.values())
        .filter(layout -> layout.name().equals(text.toUpperCase(Locale.ROOT).replace('-', '_')))
        .findFirst()
        .orElseThrow(
            () -> new TypeConversionException(
                "there is no layout '%s', but layer-first, block-first and layer-block"
                    .formatted(text)));
  }
}
