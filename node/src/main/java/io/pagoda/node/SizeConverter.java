package io.pagoda.node;

import io.pagoda.ByteSize;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes such as {@code 32KiB}. */
final class SizeConverter implements ITypeConverter<ByteSize> {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");

  @Override
  public ByteSize convert(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException("'" + text + "' is not a size such as 32KiB");
    }
    return new ByteSize(Long.parseLong(matcher.group(1)) << (10 * UNITS.indexOf(matcher.group(2))));
  }
}
