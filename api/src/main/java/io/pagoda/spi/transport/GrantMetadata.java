package io.pagoda.spi.transport;

import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/**
 * What a peer needs to use a grant. It travels by any road, as bytes, and whoever reads it may use
 * the grant: keep it as secret as the memory is. It says nothing of other grants.
 */
public final class GrantMetadata {
  /** No encoding is longer: 65,536 windows, with 32 bytes of keys for each. */
  public static final int MAX_BYTES = 4 << 20;

  /** Bytes of a token. */
  public static final int TOKEN_BYTES = 16;

  private static final int MAX_WINDOWS = 65_536;
  private static final byte[] MAGIC = {'P', 'G', 'G', 'M'};
  private static final int VERSION = 1;

  private final String transport;
  private final UUID generation;
  private final byte[] token;
  private final Set<Right> rights;
  private final Instant expiry;
  private final long[] windowBytes;
  private final byte[] keys;

  /**
   * Creates it; transports do.
   *
   * @param transport the type of the transport that wrote it
   * @param generation of that transport
   * @param token {@link #TOKEN_BYTES} that nobody can guess
   * @param rights what it allows
   * @param expiry when it ends, by the granting side's clock, which alone counts
   * @param windowBytes how long each window is
   * @param keys of each window, in the transport's own form; may be empty
   */
  public GrantMetadata(
      String transport, UUID generation, byte[] token, Set<Right> rights, Instant expiry,
      long[] windowBytes, byte[] keys) {
    if (token.length != TOKEN_BYTES || rights.isEmpty() || windowBytes.length == 0) {
      throw new IllegalArgumentException(
          "A grant has a token of %d bytes, a right and a window: %d, %s, %d"
              .formatted(TOKEN_BYTES, token.length, rights, windowBytes.length));
    }
    this.transport = transport;
    this.generation = generation;
    this.token = token.clone();
    this.rights = Set.copyOf(rights);
    this.expiry = expiry;
    this.windowBytes = windowBytes.clone();
    this.keys = keys.clone();
  }

  /** {@return the type of the transport that wrote it} */
  public String transport() {
    return transport;
  }

  /** {@return of the granting transport} */
  public UUID generation() {
    return generation;
  }

  /** {@return the token} */
  public byte[] token() {
    return token.clone();
  }

  /** {@return what it allows} */
  public Set<Right> rights() {
    return rights;
  }

  /** {@return when it ends, by the granting side's clock} */
  public Instant expiry() {
    return expiry;
  }

  /** {@return how many windows there are, at least 1} */
  public int windows() {
    return windowBytes.length;
  }

  /** {@return how long a window is} */
  public long windowBytes(int window) {
    return windowBytes[window];
  }

  /** {@return keys of the windows, in the transport's own form} */
  public byte[] keys() {
    return keys.clone();
  }

  /**
   * Returns it as bytes, as docs/transport-format.md says.
   *
   * @throws IllegalArgumentException if they would be more than {@link #MAX_BYTES}
   */
  public byte[] encode() {
    MetadataWriter out = new MetadataWriter(MAGIC, VERSION);
    out.text(transport).id(generation).bytes(token);
    out.count(rights.stream().mapToInt(Right::bit).sum());
    out.number(expiry.toEpochMilli()).count(windowBytes.length);
    for (long bytes : windowBytes) {
      out.number(bytes);
    }
    return out.bytes(keys).end(MAX_BYTES);
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws io.pagoda.PagodaException if it is not that: of another version, too long, cut short or
   *     changed
   */
  public static GrantMetadata decode(byte[] encoded) {
    MetadataReader in = new MetadataReader("grant metadata", encoded, MAGIC, VERSION, MAX_BYTES);
    String transport = in.text();
    UUID generation = in.id();
    byte[] token = in.bytes(TOKEN_BYTES);
    int bits = in.count(Right.BITS);
    Instant expiry = Instant.ofEpochMilli(in.number());
    long[] windows = new long[in.countOf(Long.BYTES, MAX_WINDOWS)];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = in.positive();
    }
    byte[] keys = in.bytes(MAX_BYTES);
    in.end();
    in.check(token.length == TOKEN_BYTES && bits != 0 && windows.length > 0, "it gives nothing");
    return new GrantMetadata(transport, generation, token, rights(bits), expiry, windows, keys);
  }

  private static Set<Right> rights(int bits) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (Right right : Right.values()) {
      if ((bits & right.bit()) != 0) {
        rights.add(right);
      }
    }
    return rights;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GrantMetadata that && Arrays.equals(encode(), that.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(token);
  }

  /** Tells all but the token. */
  @Override
  public String toString() {
    return "a grant of %s to %s %d windows until %s"
        .formatted(transport, rights, windowBytes.length, expiry);
  }
}
