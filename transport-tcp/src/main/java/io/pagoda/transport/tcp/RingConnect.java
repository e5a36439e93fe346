package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A socket of a {@link RingLoop} that connects: a wire, once it has. */
final class RingConnect implements RingLoop.Watched {
  private final RingLoop loop;
  private final Connect connect;
  private final Arena arena = Arena.ofShared();
  private int socket = -1;
  private RingLoop.Op op = new RingLoop.Op(_ -> {});

  RingConnect(RingLoop loop, Connect connect) {
    this.loop = loop;
    this.connect = connect;
  }

  void begin() throws IOException {
    MemorySegment address = SocketNative.address(arena);
    int bytes = SocketAddresses.write(connect.address(), address);
    try {
      loop.watch(this);
      socket = loop.sockets().open(connect.address());
    } catch (IOException e) {
      loop.forget(this);
      arena.close();
      throw e;
    }
    connect.opened(() -> loop.cancel(op));
    op = loop.submit(
        new RingLoop.Call(RingLoop.CONNECT, socket, address.address(), bytes, 0, 0), this::ended);
  }

  private void ended(int result) {
    loop.forget(this);
    arena.close();
    if (connect.over()) {
      loop.sockets().close(socket);
      return;
    }
    try {
      SocketAddresses.check(result, "connect to", connect.address());
      connect.made(RingWire.of(loop, socket, connect.address().toString()));
    } catch (IOException e) {
      loop.sockets().close(socket);
      connect.failed(e);
    }
  }

  @Override
  public void broken(IOException why) {
    connect.failed(why);
  }
}
