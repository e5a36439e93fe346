package io.pagoda;

/** What an element of a KV tensor is stored as. */
public enum ElementType {
  /** Eight bits, either of the two 8-bit floating-point formats. */
  FP8(1),
  /** Eight bits, an integer. */
  INT8(1),
  /** Sixteen bits, brain floating point. */
  BF16(2),
  /** Sixteen bits, IEEE 754. */
  FP16(2),
  /** Thirty-two bits, IEEE 754. */
  FP32(4);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** {@return bytes of one element} */
  public int bytes() {
    return bytes;
  }
}
