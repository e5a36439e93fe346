package io.pagoda.core.key;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/*
 * XXH3, 128 bits, seed 0 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), for inputs that
 * are longer than 16 bytes, as a key and at least one token are. The library that hashes all else
 * returns an object for every digest; this writes digests into an array. Up to 128 and up to 240
 * bytes pairs of 16 bytes are multiplied and folded; beyond, eight lanes take 64 bytes at a time.
 */
/** A chain of digests: each input begins with the digest before it. */
final class Xxh3Chain {
  /** How long the digest is that an input begins with. */
  static final int KEY_BYTES = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final byte[] SECRET = HexFormat.of()
      .parseHex(
          "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
              + "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
              + "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
              + "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
              + "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
              + "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e");

  private static final long SECRET_0 = at(SECRET, 0);
  private static final long SECRET_8 = at(SECRET, 8);
  private static final long SECRET_16 = at(SECRET, 16);
  private static final long SECRET_24 = at(SECRET, 24);
  private static final long SECRET_32 = at(SECRET, 32);
  private static final long SECRET_40 = at(SECRET, 40);
  private static final long SECRET_48 = at(SECRET, 48);
  private static final long SECRET_56 = at(SECRET, 56);
  private static final long SECRET_64 = at(SECRET, 64);
  private static final long SECRET_72 = at(SECRET, 72);
  private static final long SECRET_80 = at(SECRET, 80);
  private static final long SECRET_88 = at(SECRET, 88);

  /** How long the input is of a block of 16 tokens. */
  private static final int SIXTEEN_TOKENS = KEY_BYTES + 64;

  private static final long PRIME32_1 = 0x9E3779B1L;
  private static final long PRIME32_2 = 0x85EBCA77L;
  private static final long PRIME32_3 = 0xC2B2AE3DL;
  private static final long PRIME64_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME64_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME64_3 = 0x165667B19E3779F9L;
  private static final long PRIME64_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME64_5 = 0x27D4EB2F165667C5L;

  private final byte[] input;
  private final int length;
  private final long[] lanes;

  /** The inputs but for their digests, one after the other; to be filled in before the first. */
  final MemorySegment blocks;

  /** The upper half of the digest. */
  private long high;

  /** The lower half of the digest. */
  private long low;

  /**
   * Begins a chain.
   *
   * @param high the upper half of what it begins with
   * @param low the lower half
   * @param bytes how long an input is behind the digest, at least 1
   * @param atOnce how many inputs there is room for
   */
  Xxh3Chain(long high, long low, int bytes, int atOnce) {
    this.high = high;
    this.low = low;
    this.length = KEY_BYTES + bytes;
    this.input = new byte[KEY_BYTES + Math.multiplyExact(bytes, atOnce)];
    this.blocks = MemorySegment.ofArray(input).asSlice(KEY_BYTES);
    this.lanes = new long[length > 240 ? 8 : 0];
  }

  /**
   * Takes in the first inputs, each with the digest before it, and writes each one's digest down.
   *
   * @param count how many inputs
   * @param digests receives them, the upper half first
   * @param at where the first goes
   */
  void next(int count, long[] digests, int at) {
    if (length == SIXTEEN_TOKENS) {
      sixteenTokens(count, digests, at);
      return;
    }
    for (int i = 0; i < count; i++) {
      next(i);
      digests[at + 2 * i] = high;
      digests[at + 2 * i + 1] = low;
    }
  }

  /** Writes the digest before an input, over the end of the one before, and replaces it. */
  private void next(int number) {
    int from = (length - KEY_BYTES) * number;
    LONGS.set(input, from, high);
    LONGS.set(input, from + 8, low);
    if (length <= 128) {
      few(from);
    } else if (length <= 240) {
      some(from);
    } else {
      many(from);
    }
  }

  private void few(int from) {
    long sumLow = length * PRIME64_1;
    long sumHigh = 0;
    for (int i = (length - 1) / 32; i >= 0; i--) {
      int one = from + 16 * i;
      int other = from + length - 16 * (i + 1);
      sumLow = mixed(sumLow, one, other, 32 * i);
      sumHigh = mixed(sumHigh, other, one, 32 * i + 16);
    }
    fold(sumLow, sumHigh);
  }

  /*
   * The same written out for the usual block of 16 tokens. Each digest needs the one before, and a
   * processor waits for it: 22 cycles. So what needs the tokens only comes first, to be computed
   * meanwhile, and the digest stays in registers.
   */
  private void sixteenTokens(int count, long[] digests, int at) {
    long upper = high;
    long lower = low;
    for (int i = 0; i < count; i++) {
      int from = KEY_BYTES + 64 * i;
      long a = at(input, from);
      long b = at(input, from + 8);
      long c = at(input, from + 16);
      long d = at(input, from + 24);
      long e = at(input, from + 32);
      long f = at(input, from + 40);
      long g = at(input, from + 48);
      long h = at(input, from + 56);
      long sumLow = (length * PRIME64_1 + folded(c ^ SECRET_64, d ^ SECRET_72)) ^ (c + d);
      long sumHigh = folded(c ^ SECRET_80, d ^ SECRET_88) ^ (c + d);
      sumLow = (sumLow + folded(a ^ SECRET_32, b ^ SECRET_40)) ^ (e + f);
      sumHigh = (sumHigh + folded(e ^ SECRET_48, f ^ SECRET_56)) ^ (a + b);
      sumLow = (sumLow + folded(upper ^ SECRET_0, lower ^ SECRET_8)) ^ (g + h);
      sumHigh = (sumHigh + folded(g ^ SECRET_16, h ^ SECRET_24)) ^ (upper + lower);
      lower = avalanche(sumLow + sumHigh);
      upper = -avalanche(sumLow * PRIME64_1 + sumHigh * PRIME64_4 + length * PRIME64_2);
      digests[at + 2 * i] = upper;
      digests[at + 2 * i + 1] = lower;
    }
    high = upper;
    low = lower;
  }

  private void some(int from) {
    long sumLow = length * PRIME64_1;
    long sumHigh = 0;
    for (int at = 0; at < 128; at += 32) {
      sumLow = mixed(sumLow, from + at, from + at + 16, at);
      sumHigh = mixed(sumHigh, from + at + 16, from + at, at + 16);
    }
    sumLow = avalanche(sumLow);
    sumHigh = avalanche(sumHigh);
    for (int at = 128; at + 32 <= length; at += 32) {
      sumLow = mixed(sumLow, from + at, from + at + 16, at - 125);
      sumHigh = mixed(sumHigh, from + at + 16, from + at, at - 109);
    }
    int end = from + length;
    fold(mixed(sumLow, end - 16, end - 32, 103), mixed(sumHigh, end - 32, end - 16, 119));
  }

  /** Takes in 16 bytes at each of two places. */
  private long mixed(long sum, int multiplied, int added, int secret) {
    long product = folded(
        at(input, multiplied) ^ at(SECRET, secret),
        at(input, multiplied + 8) ^ at(SECRET, secret + 8));
    return (sum + product) ^ (at(input, added) + at(input, added + 8));
  }

  private void fold(long sumLow, long sumHigh) {
    low = avalanche(sumLow + sumHigh);
    high = -avalanche(sumLow * PRIME64_1 + sumHigh * PRIME64_4 + length * PRIME64_2);
  }

  private void many(int from) {
    lanes[0] = PRIME32_3;
    lanes[1] = PRIME64_1;
    lanes[2] = PRIME64_2;
    lanes[3] = PRIME64_3;
    lanes[4] = PRIME64_4;
    lanes[5] = PRIME32_2;
    lanes[6] = PRIME64_5;
    lanes[7] = PRIME32_1;
    for (int stripe = 0; stripe < (length - 1) / 64; stripe++) {
      accumulate(from + 64 * stripe, stripe % 16 * 8);
      if (stripe % 16 == 15) {
        scramble();
      }
    }
    accumulate(from + length - 64, SECRET.length - 71);
    low = merged(11, length * PRIME64_1);
    high = merged(SECRET.length - 75, ~(length * PRIME64_2));
  }

  private void accumulate(int from, int secret) {
    for (int i = 0; i < 8; i++) {
      long value = at(input, from + 8 * i);
      long keyed = value ^ at(SECRET, secret + 8 * i);
      lanes[i ^ 1] += value;
      lanes[i] += (keyed & 0xFFFFFFFFL) * (keyed >>> 32);
    }
  }

  private void scramble() {
    for (int i = 0; i < 8; i++) {
      long lane = lanes[i];
      lanes[i] = (lane ^ (lane >>> 47) ^ at(SECRET, 128 + 8 * i)) * PRIME32_1;
    }
  }

  private long merged(int secret, long start) {
    long sum = start;
    for (int i = 0; i < 8; i += 2) {
      sum += folded(
          lanes[i] ^ at(SECRET, secret + 8 * i), lanes[i + 1] ^ at(SECRET, secret + 8 * i + 8));
    }
    return avalanche(sum);
  }

  private static long folded(long one, long other) {
    return (one * other) ^ Math.unsignedMultiplyHigh(one, other);
  }

  private static long avalanche(long value) {
    long mixed = (value ^ (value >>> 37)) * 0x165667919E3779F9L;
    return mixed ^ (mixed >>> 32);
  }

  private static long at(byte[] bytes, int index) {
    return (long) LONGS.get(bytes, index);
  }
}
