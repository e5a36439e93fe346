package io.pagoda.remote.objects;

import java.util.HexFormat;
import java.util.Optional;

/**
 * What objects are called: {@code prefix/fingerprint/fan-out/key}, numbers in lower-case
 * hexadecimal digits. The fan-out is the beginning of the key, so that stores that keep objects in
 * directories, or spread them by the beginning of their names, have many.
 *
 * @param prefix what names begin with, without a slash at its end; may be empty
 * @param fingerprint of the {@link ObjectShape}
 * @param fanOut digits of the fan-out, 0 to 8
 */
record ObjectNames(String prefix, long fingerprint, int fanOut) {
  private static final HexFormat HEX = HexFormat.of();
  private static final int KEY_DIGITS = 32;

  /** {@return the name of the object whose last block has this key} */
  String of(long high, long low) {
    String key = HEX.toHexDigits(high) + HEX.toHexDigits(low);
    return fanOut == 0 ? root() + key : root() + key.substring(0, fanOut) + "/" + key;
  }

  /** {@return what the names of all objects of the shape begin with} */
  String root() {
    String digits = HEX.toHexDigits(fingerprint) + "/";
    return prefix.isEmpty() ? digits : prefix + "/" + digits;
  }

  /** {@return the two words of the key that a name is of; nothing if it is no such name} */
  Optional<long[]> key(String name) {
    int at = name.length() - KEY_DIGITS;
    if (at < 0) {
      return Optional.empty();
    }
    try {
      long high = HexFormat.fromHexDigitsToLong(name, at, at + 16);
      long low = HexFormat.fromHexDigitsToLong(name, at + 16, at + KEY_DIGITS);
      return name.equals(of(high, low)) ? Optional.of(new long[] {high, low}) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
