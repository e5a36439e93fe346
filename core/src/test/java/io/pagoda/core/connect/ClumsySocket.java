package io.pagoda.core.connect;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes no connection at first: as if no file could be opened, or no memory were left. */
public final class ClumsySocket extends ServerSocket {
  private final int failures;
  private final AtomicInteger asked = new AtomicInteger();

  /** Creates one that listens, and fails so many times. */
  public ClumsySocket(int failures) throws IOException {
    super(0, 5, InetAddress.getLoopbackAddress());
    this.failures = failures;
  }

  /** {@return how often it was asked} */
  public int asked() {
    return asked.get();
  }

  @Override
  public Socket accept() throws IOException {
    int number = asked.incrementAndGet();
    if (number > failures) {
      return super.accept();
    }
    if (number % 2 == 0) {
      throw new OutOfMemoryError("as this test says");
    }
    throw new SocketException("Too many open files");
  }
}
