package io.pagoda.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Passes on what two sides say to each other, and changes what one of them says. */
final class Meddler implements AutoCloseable {
  private static final byte RELEASE = 9;

  private final ServerSocket server;
  private final int port;
  private final SplittableRandom random;
  private volatile boolean meddles;
  private volatile boolean mute;
  private volatile boolean keeps;

  private Meddler(ServerSocket server, int port, long seed) {
    this.server = server;
    this.port = port;
    this.random = new SplittableRandom(seed);
  }

  /** Stands in front of a port of this machine; changes nothing yet. */
  static Meddler before(int port, long seed) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Meddler meddler = new Meddler(server, port, seed);
    Thread.ofVirtual().start(meddler::serve);
    return meddler;
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Changes a byte now and then from here on, or no more. */
  void meddle(boolean now) {
    meddles = now;
  }

  /** Passes no answer on from here on. */
  void mute() {
    mute = true;
  }

  /** Tells the lender of no end of a loan. */
  void keepReleases() {
    keeps = true;
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> questions(near, far));
        Thread.ofVirtual().start(() -> answers(far, near));
      } catch (IOException _) {
        // the other side is gone, or the test is over
      }
    }
  }

  private void questions(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (byte[] head = in.readNBytes(5); head.length == 5; head = in.readNBytes(5)) {
        int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        byte[] body = in.readNBytes(length - 1);
        if (!keeps || head[4] != RELEASE) {
          out.write(head);
          out.write(body);
        }
      }
    } catch (IOException _) {
      // one of them has hung up
    }
  }

  private void answers(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] some = new byte[1 << 16];
      for (int read = in.read(some); read >= 0; read = in.read(some)) {
        if (meddles) {
          change(some, read);
        }
        if (!mute) {
          out.write(some, 0, read);
        }
      }
    } catch (IOException _) {
      // one of them has hung up
    }
  }

  private synchronized void change(byte[] some, int length) {
    if (random.nextInt(3) > 0) {
      some[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
