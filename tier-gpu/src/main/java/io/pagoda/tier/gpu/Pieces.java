package io.pagoda.tier.gpu;

import io.pagoda.spi.device.Stripe;
import java.util.ArrayList;
import java.util.List;

/**
 * A block cut into pieces that a warp copies one at a time. The cut is the same for every block, so
 * it is made once and stays on the device.
 *
 * @param list the pieces, in the order of the stripes
 */
record Pieces(List<Stripe> list) {
  /** Bytes of a piece: small enough to share a block among warps, large enough to stream. */
  static final int BYTES = 4096;

  /** Bytes that one entry has in the kernel's table. */
  static final int ENTRY_BYTES = 4 * Long.BYTES;

  /** Copies the list. */
  Pieces {
    list = List.copyOf(list);
  }

  /** {@return the pieces of stripes} */
  static Pieces of(List<Stripe> stripes) {
    List<Stripe> pieces = new ArrayList<>();
    for (Stripe stripe : stripes) {
      for (long at = 0; at < stripe.bytes(); at += BYTES) {
        long bytes = Math.min(BYTES, stripe.bytes() - at);
        pieces.add(new Stripe(stripe.address() + at, stripe.stride(), stripe.offset() + at, bytes));
      }
    }
    return new Pieces(pieces);
  }

  /** {@return the table as the kernel reads it} */
  long[] table() {
    long[] table = new long[list.size() * ENTRY_BYTES / Long.BYTES];
    int at = 0;
    for (Stripe piece : list) {
      table[at++] = piece.address();
      table[at++] = piece.stride();
      table[at++] = piece.offset();
      table[at++] = piece.bytes();
    }
    return table;
  }
}
