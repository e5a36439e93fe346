package io.pagoda.remote.http;

import io.pagoda.remote.http.WireRequest.Origin;
import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.objects.Upload;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server.
 *
 * <p><b>Threads.</b> One at a time; {@link #abort} from any.
 */
final class Connection {
  private static final int HEAD_BYTES = 16 << 10;

  /** How long a body may be that goes to an array: pages of listings are the longest. */
  private static final int MOST_BODY = 16 << 20;

  private final Origin origin;
  private final SocketChannel socket;
  private final ByteBuffer out = ByteBuffer.allocateDirect(HEAD_BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(HEAD_BYTES).flip();
  private @Nullable Channel channel;
  private long usedAt;
  private boolean used;
  private boolean reusable;

  Connection(Origin origin) throws IOException {
    this.origin = origin;
    this.socket = SocketChannel.open();
  }

  Origin origin() {
    return origin;
  }

  long usedAt() {
    return usedAt;
  }

  /** {@return whether another request may follow the last one} */
  boolean reusable() {
    return reusable;
  }

  /** Connects. */
  void open(Duration timeout, SSLContext tls) throws IOException {
    var address = new InetSocketAddress(origin.host(), origin.port());
    if (address.isUnresolved()) {
      throw new UnknownHostException("No address is known for " + origin.host());
    }
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.socket().connect(address, Math.toIntExact(timeout.toMillis()));
    channel = origin.secure() ? secured(tls) : new PlainChannel(socket);
  }

  private Channel secured(SSLContext tls) throws IOException {
    SSLEngine engine = tls.createSSLEngine(origin.host(), origin.port());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    var secured = new TlsChannel(socket, engine);
    secured.handshake();
    return secured;
  }

  /** Closes it, and ends what waits for it. */
  void abort() {
    close();
  }

  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
      reusable = false;
    }
  }

  /** Makes a request. */
  WireResponse exchange(WireRequest request, Try one) throws IOException {
    reusable = false;
    boolean kept = used;
    used = true;
    Channel open = Objects.requireNonNull(channel, "not open");
    ResponseHead head;
    try {
      send(open, request, one);
      head = new ResponseHead(open, in);
      head.awaitFirstByte();
    } catch (IOException e) {
      throw kept && !one.stopped() ? new StaleConnectionException(e) : e;
    }
    one.moved();
    WireResponse response = receive(open, head.read(), request, one);
    usedAt = System.nanoTime();
    return response;
  }

  private void send(Channel open, WireRequest request, Try one) throws IOException {
    writeHead(open, request);
    Upload upload = request.upload();
    if (upload == null) {
      return;
    }
    while (upload.remaining() > 0) {
      if (upload.write(open) == 0 && one.stopped()) {
        throw new IOException("The request was given up");
      }
    }
  }

  private void writeHead(Channel open, WireRequest request) throws IOException {
    out.clear();
    put(open, request.method());
    put(open, " ");
    put(open, inOneLine(request.target()));
    put(open, " HTTP/1.1\r\n");
    List<String> headers = request.headers();
    for (int i = 0; i < headers.size(); i += 2) {
      put(open, inOneLine(headers.get(i)));
      put(open, ": ");
      put(open, inOneLine(headers.get(i + 1)));
      put(open, "\r\n");
    }
    put(open, "\r\n");
    put(open, request.body());
    flush(open);
  }

  /** A line break would begin another header, or another request. */
  private static String inOneLine(String text) throws IOException {
    if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
      throw new IOException("A line of a request has a line break within");
    }
    return text;
  }

  private void put(Channel open, String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (!out.hasRemaining()) {
        flush(open);
      }
      out.put((byte) next);
    }
  }

  private void put(Channel open, byte[] bytes) throws IOException {
    for (int at = 0; at < bytes.length;) {
      if (!out.hasRemaining()) {
        flush(open);
      }
      int count = Math.min(out.remaining(), bytes.length - at);
      out.put(bytes, at, count);
      at += count;
    }
  }

  private void flush(Channel open) throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      open.write(out);
    }
    out.clear();
  }

  private WireResponse receive(Channel open, WireResponse head, WireRequest request, Try one)
      throws IOException {
    boolean bodiless =
        request.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
    boolean chunked = head.header("Transfer-Encoding").isPresent();
    long length = bodiless ? 0 : length(head);
    boolean closes = head.header("Connection").filter("close"::equalsIgnoreCase).isPresent();
    Download download = request.download();
    byte[] body = {};
    if (download != null && (head.status() == 200 || head.status() == 206)) {
      take(open, head, download, length);
    } else if (chunked && !bodiless) {
      body = chunks(open, one);
    } else {
      body = bytes(open, length, one);
    }
    // What comes after a response is none of ours: what follows it would not be, either.
    reusable = !closes && (bodiless || chunked || length >= 0) && !in.hasRemaining();
    return head.with(body);
  }

  private static long length(WireResponse head) throws IOException {
    Optional<String> length = head.header("Content-Length");
    try {
      return length.isPresent() ? Long.parseLong(length.get()) : -1;
    } catch (NumberFormatException e) {
      throw new IOException("The length of a response is no number: " + length.get(), e);
    }
  }

  private void take(Channel open, WireResponse head, Download download, long length)
      throws IOException {
    ContentRange range = ContentRange.of(head, length);
    String tag = head.header("ETag").orElse("");
    if (!download.begin(range.first(), range.total(), tag)) {
      throw new IOException("The body of the response is not wanted");
    }
    if (length != download.remaining()) {
      throw new IOException(
          "The response has %d bytes, and %d were to come".formatted(length, download.remaining()));
    }
    copyAhead(download);
    while (download.remaining() > 0) {
      int bytes = download.read(open);
      if (bytes < 0) {
        throw new EOFException(
            "The connection was closed with %d bytes still to come"
                .formatted(download.remaining()));
      }
      if (bytes == 0 && download.stopped()) {
        throw new IOException("The request was given up");
      }
    }
  }

  /** Hands over what came together with the head. */
  private void copyAhead(Download download) throws IOException {
    if (in.hasRemaining()) {
      int count = (int) Math.min(in.remaining(), download.remaining());
      ByteBuffer ahead = in.slice(in.position(), count);
      in.position(in.position() + count);
      if (!download.write(ahead)) {
        throw new IOException("The request was given up");
      }
    }
  }

  private byte[] bytes(Channel open, long length, Try one) throws IOException {
    if (length > MOST_BODY) {
      throw new IOException("A response has %d bytes; that is too many".formatted(length));
    }
    var body = new ByteArrayOutputStream(Math.max(32, (int) length));
    while (length < 0 || body.size() < length) {
      if (!more(open, one)) {
        if (length >= 0) {
          throw new EOFException("The connection was closed within a response");
        }
        break;
      }
      int wanted =
          length < 0 ? in.remaining() : (int) Math.min(length - body.size(), in.remaining());
      append(body, wanted);
    }
    return body.toByteArray();
  }

  private void append(ByteArrayOutputStream body, int count) throws IOException {
    if (body.size() + count > MOST_BODY) {
      throw new IOException("A response has more than %d bytes".formatted(MOST_BODY));
    }
    for (int i = 0; i < count; i++) {
      body.write(in.get());
    }
  }

  private boolean more(Channel open, Try one) throws IOException {
    while (!in.hasRemaining()) {
      in.clear();
      int bytes = open.read(in);
      in.flip();
      one.moved();
      if (bytes < 0) {
        return false;
      }
    }
    return true;
  }

  private byte[] chunks(Channel open, Try one) throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      String size = line(open, one).split(";", 2)[0].strip();
      int left = chunkSize(size);
      if (left == 0) {
        String trailer;
        do {
          trailer = line(open, one);
        } while (!trailer.isEmpty());
        return body.toByteArray();
      }
      while (left > 0) {
        require(more(open, one));
        int count = Math.min(left, in.remaining());
        append(body, count);
        left -= count;
      }
      line(open, one);
    }
  }

  private static int chunkSize(String digits) throws IOException {
    try {
      return Integer.parseInt(digits, 16);
    } catch (NumberFormatException e) {
      throw new IOException("The length of a chunk is no number: " + digits, e);
    }
  }

  private String line(Channel open, Try one) throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      require(more(open, one));
      byte next = in.get();
      if (next == '\n') {
        return line.toString(StandardCharsets.ISO_8859_1).strip();
      }
      append(line, 0);
      line.write(next);
    }
  }

  private static void require(boolean come) throws IOException {
    if (!come) {
      throw new EOFException("The connection was closed within a response");
    }
  }
}
