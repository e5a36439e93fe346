package io.pagoda;

/** What a worker does. */
public enum KvRole {
  /** Computes prompts, and pushes their blocks to workers that decode. */
  PREFILL,
  /** Decodes, and lets workers that prefill write to its blocks. */
  DECODE
}
