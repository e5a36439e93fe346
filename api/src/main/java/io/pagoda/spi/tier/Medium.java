package io.pagoda.spi.tier;

/** What a tier keeps its blocks on. */
public enum Medium {
  /** The memory of this machine's processors. */
  HOST,
  /** The memory of an accelerator. */
  DEVICE,
  /** A disk of this machine. */
  DISK,
  /** Object storage, reached over a network. */
  OBJECT,
  /** The memory of another machine. */
  PEER
}
