package io.pagoda.spi;

import io.pagoda.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A read-only section of the configuration. Implemented by the host, so it may gain methods.
 *
 * <p>Keys are lower-case words joined by dashes. A key has its default in the {@code
 * reference.conf} of the module that reads it, or has none and is then required unless {@link
 * #has} was asked first.
 *
 * <p>Reading a key declares it: once a part is open, the host refuses every key that is present but
 * was never asked for, so a misspelt key fails at start, with its file and line.
 *
 * <p><b>Threads.</b> Confined to the thread that opens the part.
 *
 * <p><b>Failures.</b> Every reader throws {@link SettingsException}, which names file, line and
 * key, when the key is absent or its value does not fit.
 */
public interface Settings {
  /** {@return the text at {@code key}} */
  String string(String key);

  /** {@return the texts at {@code key}} */
  List<String> strings(String key);

  /** {@return the whole number at {@code key}} */
  int integer(String key);

  /** {@return the number at {@code key}} */
  double number(String key);

  /** {@return the truth at {@code key}} */
  boolean flag(String key);

  /** {@return the size at {@code key}, written with a unit: {@code 64MiB}} */
  ByteSize bytes(String key);

  /** {@return the time span at {@code key}, written with a unit: {@code 250ms}} */
  Duration duration(String key);

  /** {@return the path at {@code key}, made absolute against the configuration file's directory} */
  Path path(String key);

  /** {@return the constant at {@code key}, written in lower case with dashes} */
  <E extends Enum<E>> E choice(String key, Class<E> type);

  /** {@return the section at {@code key}} */
  Settings section(String key);

  /** {@return the sections of the list at {@code key}, in order} */
  List<Settings> sections(String key);

  /** {@return whether {@code key} has a value; asking declares it} */
  boolean has(String key);

  /** {@return where {@code key} stands, for a message: its file, line and full name} */
  String origin(String key);
}
