package io.pagoda.servers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client sees of each fault, by plain sockets. */
class FaultProxyTest {
  private static final int BYTES = 100_000;
  private static final int PATIENCE_MILLIS = 60_000;
  private static final int A_WHILE_MILLIS = 500;
  private static final byte[] BODY = pattern();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private FaultProxy proxy;

  private static byte[] pattern() {
    byte[] body = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      body[i] = (byte) (i * 31 ^ i >> 8);
    }
    return body;
  }

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/fixed", exchange -> answer(exchange, BYTES));
    server.createContext("/chunked", exchange -> answer(exchange, 0));
    server.start();
    proxy =
        new FaultProxy(java.net.URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void close() {
    proxy.close();
    server.stop(0);
    threads.close();
  }

  private void answer(HttpExchange exchange, long length) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      received.add(body);
      exchange.sendResponseHeaders(200, length);
      exchange.getResponseBody().write(BODY);
    }
  }

  /** What came of a body, and how it ended. */
  private record Came(int status, byte[] body, boolean whole, boolean reset) {}

  private Came ask(String path, byte[] up) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
      return ask(socket, path, up);
    }
  }

  /** Asks, and expects that nothing more comes for a while. */
  private void askInVain(String path, byte[] up) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
      assertThrows(SocketTimeoutException.class, () -> ask(socket, path, up, A_WHILE_MILLIS));
    }
  }

  private static Came ask(Socket socket, String path, byte[] up) throws IOException {
    return ask(socket, path, up, PATIENCE_MILLIS);
  }

  private static Came ask(Socket socket, String path, byte[] up, int millis) throws IOException {
    socket.setSoTimeout(millis);
    var out = socket.getOutputStream();
    out.write(
        "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n".formatted(path, up.length)
            .getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    boolean reset = false;
    HttpHead head = null;
    byte[] body = new byte[BYTES];
    int came = 0;
    try {
      out.write(up);
      head = HttpHead.read(in).orElse(null);
      if (head == null) {
        return new Came(0, new byte[0], false, false);
      }
      int most = head.headers().containsKey("content-length")
          ? Integer.parseInt(head.headers().get("content-length"))
          : 0;
      for (int read = 0; read >= 0 && came < most;) {
        came += read;
        read = came < most ? in.read(body, came, most - came) : -1;
      }
      return new Came(head.status(), Arrays.copyOf(body, came), came == most, false);
    } catch (SocketException e) {
      reset = true;
    }
    return new Came(head == null ? 0 : head.status(), Arrays.copyOf(body, came), false, reset);
  }

  @Test
  void passesEverythingOnAndCounts() throws IOException {
    byte[] up = Arrays.copyOf(BODY, 70_000);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
      for (int i = 0; i < 3; i++) {
        Came came = ask(socket, "/fixed", up);
        assertEquals(200, came.status);
        assertArrayEquals(BODY, came.body);
        assertArrayEquals(up, received.get(i));
      }
    }
    assertEquals(new FaultProxy.Counts(1, 3, 210_000, 3L * BYTES), proxy.counts());
  }

  @Test
  void passesChunksOn() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
      socket.getOutputStream()
          .write("GET /chunked HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      var in = new java.io.BufferedInputStream(socket.getInputStream());
      assertTrue(HttpHead.read(in).orElseThrow().says("transfer-encoding", "chunked"));
      var body = new java.io.ByteArrayOutputStream();
      var pump = new BodyPump(
          Fault.NONE, Fault.Way.DOWN, new java.util.concurrent.CountDownLatch(1), n -> {});
      pump.pass(new HttpHead.Length.Chunked(), in, body);
      assertEquals(BYTES, proxy.counts().bytesDown());
    }
  }

  @Test
  void cutsAResponseInOrder() throws IOException {
    proxy.script(Script.always(new Fault.Cut(Fault.Way.DOWN, 12_345, Fault.End.CLOSE)));
    Came came = ask("/fixed", new byte[0]);
    assertEquals(200, came.status);
    assertFalse(came.whole);
    assertFalse(came.reset);
    assertArrayEquals(Arrays.copyOf(BODY, 12_345), came.body);
    assertEquals(12_345, proxy.counts().bytesDown());
  }

  @Test
  void resetsAResponse() throws IOException {
    proxy.script(Script.always(new Fault.Cut(Fault.Way.DOWN, 12_345, Fault.End.RESET)));
    Came came = ask("/fixed", new byte[0]);
    assertFalse(came.whole);
    assertTrue(came.reset);
  }

  @Test
  void cutsARequest() throws IOException {
    proxy.script(Script.always(new Fault.Cut(Fault.Way.UP, 100, Fault.End.CLOSE)));
    Came came = ask("/fixed", BODY);
    assertEquals(0, came.status);
    assertEquals(100, proxy.counts().bytesUp());
    assertEquals(List.of(), received);
  }

  @Test
  void stallsAResponse() throws IOException {
    proxy.script(Script.always(new Fault.Stall(Fault.Way.DOWN, 5)));
    askInVain("/fixed", new byte[0]);
    awaitFive(() -> proxy.counts().bytesDown());
  }

  @Test
  void stallsARequest() throws IOException {
    proxy.script(Script.always(new Fault.Stall(Fault.Way.UP, 5)));
    askInVain("/fixed", new byte[50]);
    awaitFive(() -> proxy.counts().bytesUp());
  }

  /** The proxy may be slower than whoever asks in vain. */
  private static void awaitFive(LongSupplier bytes) {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (bytes.getAsLong() < 5 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertEquals(5, bytes.getAsLong());
  }

  @Test
  void isSlow() throws IOException {
    proxy.script(Script.always(new Fault.Slow(500_000)));
    long before = System.nanoTime();
    assertTrue(ask("/fixed", new byte[0]).whole);
    long millis = (System.nanoTime() - before) / 1_000_000;
    assertTrue(millis >= 190, () -> "100 kB at 500 kB/s took " + millis + " ms");
  }

  @Test
  void corruptsOneByte() throws IOException {
    proxy.script(Script.always(new Fault.Corrupt(Fault.Way.DOWN, 77_777)));
    Came came = ask("/fixed", new byte[0]);
    assertTrue(came.whole);
    assertEquals(77_777, Arrays.mismatch(BODY, came.body));
    came.body[77_777] ^= 0x40;
    assertArrayEquals(BODY, came.body);
  }

  @Test
  void corruptsAByteOnItsWayUp() throws IOException {
    proxy.script(Script.always(new Fault.Corrupt(Fault.Way.UP, 3)));
    ask("/fixed", BODY);
    assertEquals(3, Arrays.mismatch(BODY, received.getFirst()));
  }

  @Test
  void repliesItself() throws IOException {
    proxy.script(Script.inOrder(Fault.Reply.SLOW_DOWN, Fault.Reply.INTERNAL_ERROR));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
      Came first = ask(socket, "/fixed", BODY);
      assertEquals(503, first.status);
      assertTrue(new String(first.body, StandardCharsets.US_ASCII).contains("SlowDown"));
      assertEquals(500, ask(socket, "/fixed", BODY).status);
      assertEquals(List.of(), received);
      assertEquals(200, ask(socket, "/fixed", BODY).status);
    }
  }

  @Test
  void dropsAResponse() throws IOException {
    proxy.script(Script.inOrder(new Fault.DropResponse()).only("POST"));
    Came came = ask("/fixed", BODY);
    assertEquals(0, came.status);
    assertArrayEquals(BODY, received.getFirst());
  }

  @Test
  void refusesAndOpensAtTheSamePort() throws IOException {
    assertTrue(ask("/fixed", BODY).whole);
    proxy.refuse();
    assertThrows(ConnectException.class, () -> ask("/fixed", BODY));
    proxy.open();
    assertTrue(ask("/fixed", BODY).whole);
  }

  @Test
  void swallows() throws IOException {
    proxy.blackHole();
    askInVain("/fixed", BODY);
    assertEquals(List.of(), received);
    proxy.open();
    assertTrue(ask("/fixed", BODY).whole);
  }
}
