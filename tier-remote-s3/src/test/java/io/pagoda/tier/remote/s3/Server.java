package io.pagoda.tier.remote.s3;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * As much of an S3 server as the tier asks for, that misbehaves when told. It checks no signatures;
 * real servers do that in the tests of both tiers.
 */
final class Server implements AutoCloseable {
  /** What the server does with the next request whose method and path begin alike. */
  record Fault(String begins, Kind kind, long at) {}

  /** Ways to misbehave. */
  enum Kind {
    /** Sends so many bytes of the body, and closes. */
    CUT,
    /** Sends so many bytes of the body, and then nothing. */
    STALL,
    /** Answers with so a status. */
    STATUS,
    /** Does what was asked, and closes without an answer. */
    SILENT,
    /** Reads nothing, answers nothing. */
    IGNORE,
    /** Changes the byte there. */
    CORRUPT
  }

  /** A request. */
  record Asked(
      String method, String path, Map<String, String> query, Map<String, String> headers,
      byte[] body) {}

  final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  final ConcurrentLinkedQueue<Fault> faults = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger atOnce = new AtomicInteger();
  final AtomicInteger mostAtOnce = new AtomicInteger();
  final AtomicLong sent = new AtomicLong();
  private final Map<String, NavigableMap<Integer, byte[]>> parts = new TreeMap<>();
  private final String scheme;
  private final ServerSocket socket;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  Server() {
    this(Optional.empty());
  }

  Server(Optional<SSLContext> tls) {
    scheme = tls.isPresent() ? "https" : "http";
    try {
      InetAddress here = InetAddress.getLoopbackAddress();
      socket = tls.isPresent()
          ? tls.get().getServerSocketFactory().createServerSocket(0, 200, here)
          : new ServerSocket(0, 200, here);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  String endpoint() {
    return scheme + "://127.0.0.1:" + socket.getLocalPort();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        client.setTcpNoDelay(true);
        clients.add(client);
        Thread.startVirtualThread(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new BufferedInputStream(client.getInputStream(), 1 << 16);
      boolean goesOn = true;
      while (goesOn) {
        goesOn = answer(in, client.getOutputStream());
      }
    } catch (IOException | InterruptedException e) {
      log.add("gone: " + e);
    } finally {
      clients.remove(client);
    }
  }

  private boolean answer(InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    String line = line(in);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String next = line(in); !next.isEmpty(); next = line(in)) {
      headers
          .put(next.substring(0, next.indexOf(':')), next.substring(next.indexOf(':') + 1).strip());
    }
    requests.incrementAndGet();
    log.add(line);
    Fault fault = fault(line);
    if (fault != null && fault.kind() == Kind.IGNORE) {
      Thread.currentThread().join();
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
    String[] words = line.split(" ", 3);
    String target = URLDecoder.decode(words[1].split("\\?", 2)[0], StandardCharsets.UTF_8);
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    try {
      return respond(out, fault, new Asked(words[0], target, query(words[1]), headers, body));
    } finally {
      atOnce.decrementAndGet();
    }
  }

  /** One fault is for one request. */
  private synchronized @Nullable Fault fault(String line) {
    Fault next = faults.peek();
    if (next != null && line.startsWith(next.begins())) {
      faults.remove(next);
      return next;
    }
    return null;
  }

  private static Map<String, String> query(String target) {
    Map<String, String> query = new TreeMap<>();
    int mark = target.indexOf('?');
    if (mark >= 0) {
      for (String each : target.substring(mark + 1).split("&", -1)) {
        String[] pair = each.split("=", 2);
        query.put(
            pair[0], pair.length == 1 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private boolean respond(OutputStream out, @Nullable Fault fault, Asked asked)
      throws IOException, InterruptedException {
    if (fault != null && fault.kind() == Kind.STATUS) {
      String code = fault.at() == 503 ? "SlowDown" : fault.at() == 403 ? "AccessDenied" : "Odd";
      write(out, asked, error((int) fault.at(), code), null);
      return true;
    }
    Answer answer = new Deeds(objects, parts).of(asked);
    if (fault != null && fault.kind() == Kind.SILENT) {
      return false;
    }
    return write(out, asked, answer, fault);
  }

  /** What is answered. */
  record Answer(int status, Map<String, String> headers, byte[] body, long length) {}

  static Answer error(int status, String code) {
    byte[] body = "<Error><Code>%s</Code><Message>as told</Message></Error>".formatted(code)
        .getBytes(StandardCharsets.UTF_8);
    return new Answer(status, Map.of("Content-Type", "application/xml"), body, body.length);
  }

  private boolean write(OutputStream out, Asked asked, Answer answer, @Nullable Fault fault)
      throws IOException, InterruptedException {
    var head = new StringBuilder("HTTP/1.1 %d So\r\n".formatted(answer.status()));
    answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: %d\r\n\r\n".formatted(answer.length()));
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (asked.method().equals("HEAD")) {
      return true;
    }
    byte[] body = answer.body();
    if (fault != null && fault.kind() == Kind.CORRUPT) {
      body = body.clone();
      body[(int) fault.at()] ^= 1;
    }
    int count = body.length;
    boolean breaks = false;
    if (fault != null && (fault.kind() == Kind.CUT || fault.kind() == Kind.STALL)) {
      breaks = true;
      count = (int) Math.min(fault.at(), body.length);
    }
    out.write(body, 0, count);
    sent.addAndGet(count);
    if (fault != null && fault.kind() == Kind.STALL) {
      Thread.currentThread().join();
    }
    return !breaks;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("closed");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }

  /** Closes every connection, and takes no more. */
  @Override
  public void close() {
    try {
      socket.close();
      for (Socket client : clients) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
