package io.pagoda.spi.transport;

/**
 * Something to tell the peer when a batch has arrived: its {@link GrantListener} hears of it once,
 * after the data.
 *
 * @param message at most {@link Capabilities.Limits#messageBytes}
 */
public record Notification(byte[] message) {
  /** Copies the message. */
  public Notification {
    message = message.clone();
  }
}
