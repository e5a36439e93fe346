package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;

/** Two transports of this machine's device, memory of each, and a link from one to the other. */
final class DevicePair implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final int BYTES = 8 << 20;

  private final Arena arena = Arena.ofShared();
  final RdmaTransport here;
  final RdmaTransport there;
  final MemorySegment source = arena.allocate(BYTES, 4_096);
  final MemorySegment target = arena.allocate(BYTES, 4_096);
  final Region local;
  final Grant grant;
  final Link link;

  DevicePair(Rig rig) {
    this(rig, rig);
  }

  /** Each side is set otherwise. */
  DevicePair(Rig connecting, Rig serving) {
    here = connecting.open("here");
    there = serving.open("there");
    fill(source);
    local = here.register(source);
    grant = granted(there, target, GrantListener.NONE);
    link = connect();
  }

  static void fill(MemorySegment memory) {
    for (long at = 0; at < memory.byteSize(); at += Long.BYTES) {
      memory.set(JAVA_LONG, at, (at + 1) * 0x9e3779b97f4a7c15L);
    }
  }

  static Grant granted(RdmaTransport by, MemorySegment memory, GrantListener listener) {
    return by.grant(
        new GrantTerms(
            List.of(Window.of(by.register(memory))), EnumSet.allOf(Right.class),
            Duration.ofHours(1), 0),
        listener);
  }

  Link connect() {
    return here.connect(there.listen().metadata(), PATIENCE);
  }

  /** {@return all of the memory here, written there} */
  RemoteBatch batch() {
    return whole(local, grant.metadata());
  }

  static RemoteBatch whole(Region from, GrantMetadata to) {
    return new RemoteBatch(Direction.WRITE, from, new long[1], to, new long[1], new long[] {BYTES});
  }

  @Override
  public void close() {
    here.close();
    there.close();
    arena.close();
  }
}
