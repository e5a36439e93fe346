package io.pagoda.spi;

/**
 * Something of this machine that matters to a part.
 *
 * @param subject what it is about, such as a device's name; findings of one subject stand together
 * @param what which property of it
 * @param value what it is, for people, with its unit
 * @param hinders whether an operator should do something about it; the value then says what
 */
public record Finding(String subject, String what, String value, boolean hinders) {
  /** Something that is as it is. */
  public Finding(String subject, String what, String value) {
    this(subject, what, value, false);
  }
}
