package io.pagoda.spi.transport;

/** What a grant allows. */
public enum Right {
  /** Peers may read the windows. */
  READ(1),
  /** Peers may write to the windows. */
  WRITE(2);

  /** All bits of all rights. */
  static final int BITS = 3;

  private final int bit;

  Right(int bit) {
    this.bit = bit;
  }

  /** {@return what stands for it in encodings} */
  public int bit() {
    return bit;
  }
}
