package io.pagoda.spi.transport;

/**
 * How bytes go, for people.
 *
 * @param transport the type of the transport, such as {@code tcp}
 * @param detail by what means: connections, devices, protection
 * @param instead why not a better way, in one sentence; empty if there is none
 */
public record Road(String transport, String detail, String instead) {
  @Override
  public String toString() {
    return transport + ": " + detail + (instead.isEmpty() ? "" : "; " + instead);
  }

  /**
   * {@return the same road, with one more reason why it is not a better one}
   *
   * @param reason such as why another transport was not taken
   */
  public Road because(String reason) {
    return new Road(transport, detail, instead.isEmpty() ? reason : instead + "; " + reason);
  }
}
