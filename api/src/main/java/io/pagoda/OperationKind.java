package io.pagoda;

/** Which way bytes move, as the active side sees it. */
public enum OperationKind {
  /** From the peer that exposes its memory to the one that begins. */
  READ(1),
  /** From the one that begins to the peer that exposes its memory. */
  WRITE(2);

  private final int code;

  OperationKind(int code) {
    this.code = code;
  }

  /** {@return what stands for it in metadata} */
  public int code() {
    return code;
  }
}
