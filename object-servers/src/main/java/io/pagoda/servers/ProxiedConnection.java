package io.pagoda.servers;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A client's connection through a proxy: one request after the other. */
final class ProxiedConnection {
  private static final int OK = 200;

  private final FaultProxy proxy;
  private final Socket client;
  private @Nullable Socket server;
  private @Nullable InputStream fromServer;

  ProxiedConnection(FaultProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  void run() {
    try {
      serve(new BufferedInputStream(client.getInputStream()), client.getOutputStream());
    } catch (BodyPump.CutException e) {
      end(e.end());
    } catch (IOException e) {
      // One of both has gone: so does the other.
    } finally {
      close();
    }
  }

  private void serve(InputStream in, OutputStream out) throws IOException {
    boolean more = true;
    while (more) {
      Optional<HttpHead> request = HttpHead.read(in);
      if (request.isEmpty()) {
        return;
      }
      Fault fault = proxy.fault(request.get());
      if (proxy.swallows()) {
        awaitEnd();
      }
      more = fault instanceof Fault.Reply reply
          ? reply(request.get(), reply, in, out)
          : pass(request.get(), fault, in, out);
    }
  }

  private void awaitEnd() throws IOException {
    try {
      proxy.closed().await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new EOFException("The proxy ends what it has swallowed");
  }

  private boolean reply(HttpHead request, Fault.Reply reply, InputStream in, OutputStream out)
      throws IOException {
    if (request.says("expect", "100-continue")) {
      out.write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    var nobody = new BodyPump(Fault.NONE, Fault.Way.UP, proxy.closed(), _ -> {});
    nobody.pass(request.ofRequest(), in, OutputStream.nullOutputStream());
    byte[] body = ascii(
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>by a script</Message></Error>"
            .formatted(reply.code()));
    out.write(
        ascii(
            "HTTP/1.1 %d Scripted\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
                .formatted(reply.status(), body.length)));
    out.write(request.word(0).equals("HEAD") ? new byte[0] : body);
    out.flush();
    return true;
  }

  /** {@return whether the connection may carry another request} */
  private boolean pass(HttpHead request, Fault fault, InputStream in, OutputStream out)
      throws IOException {
    Socket to = server();
    CompletableFuture<Void> up = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> send(request, fault, in, to, up));
    HttpHead response = passHead(fault, up, out);
    boolean dropped = fault instanceof Fault.DropResponse;
    proxy.pump(dropped ? Fault.NONE : fault, Fault.Way.DOWN)
        .pass(
            response.ofResponse(request.word(0)), fromServer(),
            dropped ? OutputStream.nullOutputStream() : out);
    if (dropped) {
      throw new BodyPump.CutException(Fault.End.CLOSE);
    }
    return wasSent(request, response, up)
        && !response.says("connection", "close")
        && !(response.ofResponse(request.word(0)) instanceof HttpHead.Length.UntilClosed);
  }

  /** A client that was refused before it sent its body may not send it at all. */
  private static boolean wasSent(HttpHead request, HttpHead response, CompletableFuture<Void> up) {
    boolean mayNotCome = request.says("expect", "100-continue") && response.status() > OK;
    return !mayNotCome && up.handle((_, failed) -> failed == null).join();
  }

  private void send(
      HttpHead request, Fault fault, InputStream in, Socket to, CompletableFuture<Void> up) {
    try {
      OutputStream out = to.getOutputStream();
      out.write(request.raw());
      proxy.pump(fault, Fault.Way.UP).pass(request.ofRequest(), in, out);
      up.complete(null);
    } catch (IOException e) {
      up.completeExceptionally(e);
      // Whoever waits for the response is to learn of it.
      FaultProxy.reset(to);
    }
  }

  private HttpHead passHead(Fault fault, CompletableFuture<Void> up, OutputStream out)
      throws IOException {
    HttpHead response;
    do {
      response = readHead(up);
      if (!(fault instanceof Fault.DropResponse) || response.status() < OK) {
        out.write(response.raw());
        out.flush();
      }
    } while (response.status() < OK);
    return response;
  }

  private HttpHead readHead(CompletableFuture<Void> up) throws IOException {
    try {
      return HttpHead.read(fromServer()).orElseThrow(() -> new EOFException("No response"));
    } catch (IOException e) {
      throw up.isCompletedExceptionally() ? cause(up, e) : e;
    }
  }

  /** {@return why the request could not be sent, which is why there is no response} */
  private static IOException cause(CompletableFuture<Void> up, IOException otherwise) {
    return up.exceptionNow() instanceof IOException first ? first : otherwise;
  }

  private Socket server() throws IOException {
    if (server == null) {
      server = proxy.connect();
      fromServer = new BufferedInputStream(server.getInputStream());
    }
    return server;
  }

  private InputStream fromServer() throws IOException {
    if (fromServer == null) {
      throw new EOFException("No connection");
    }
    return fromServer;
  }

  private void end(Fault.End how) {
    if (how == Fault.End.RESET) {
      FaultProxy.reset(client);
    }
  }

  private void close() {
    try {
      proxy.forget(client);
      if (server != null) {
        proxy.forget(server);
      }
    } catch (IOException e) {
      // They have ended already.
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
