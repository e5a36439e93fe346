package io.pagoda.tier.ssd;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One read or write of one stretch of a file, from its start until every byte is moved or it has
 * failed. Operations are few and are used over and over.
 *
 * <p><b>Threads.</b> Confined to the port's thread, but for the system call itself, during which
 * nobody changes it.
 */
final class Op {
  private final int id;
  private final Dispatcher dispatcher;

  private @Nullable Transfer transfer;
  private int block;
  private boolean write;
  private int file;
  private long position;
  private MemorySegment memory = MemorySegment.NULL;
  private long offset;
  private int length;
  private int attempts;
  private @Nullable Bounce bounce;
  private @Nullable Exception cause;
  private long askedAt;
  private boolean cancelled;
  private boolean givenUp;

  Op(int id, Dispatcher dispatcher) {
    this.id = id;
    this.dispatcher = dispatcher;
  }

  /** Becomes a part of {@code owner}'s block at batch position {@code index}. */
  void belongTo(Transfer owner, int index) {
    transfer = owner;
    block = index;
    attempts = 0;
    bounce = null;
    cause = null;
    cancelled = false;
    givenUp = false;
  }

  /** Aims at {@code bytes} bytes of a file and of memory. */
  void aim(boolean toFile, int inFile, long filePosition, MemorySegment at, long from, int bytes) {
    write = toFile;
    file = inFile;
    position = filePosition;
    memory = at;
    offset = from;
    length = bytes;
  }

  /** Moves through {@code buffer} instead of the batch's own memory. */
  void through(Bounce buffer) {
    bounce = buffer;
  }

  /** Notes that {@code bytes} more were moved. */
  void advance(int bytes) {
    position += bytes;
    offset += bytes;
    length -= bytes;
    attempts = 0;
  }

  /** Turns what was read into what is written, to the same place. */
  void turn() {
    write = true;
    position -= offset;
    length = (int) offset;
    offset = 0;
  }

  /** Counts a try that moved nothing, and returns how many there were in a row. */
  int stall() {
    return ++attempts;
  }

  /** Forgets everything that belongs to somebody else. */
  void release() {
    transfer = null;
    bounce = null;
    cause = null;
    memory = MemorySegment.NULL;
  }

  /**
   * Takes the answer of the kernel: bytes moved, or a negative errno. Called by the port, on its
   * thread.
   */
  void ended(int result) {
    dispatcher.ended(this, result);
  }

  /** Takes the exception behind the answer that follows. */
  void causedBy(Exception exception) {
    cause = exception;
  }

  /** {@return whether it belongs to a transfer and has not ended} */
  boolean inFlight() {
    return transfer != null;
  }

  /** Notes when the kernel was asked for something, by the clock of {@link System#nanoTime}. */
  void askedAt(long nanos) {
    askedAt = nanos;
  }

  long askedAt() {
    return askedAt;
  }

  /** Notes whether the kernel was asked to let go of it. */
  void cancelled(boolean asked) {
    cancelled = asked;
  }

  boolean cancelled() {
    return cancelled;
  }

  /** Notes that there is nothing more to ask the kernel for. */
  void giveUp() {
    givenUp = true;
  }

  boolean givenUp() {
    return givenUp;
  }

  int id() {
    return id;
  }

  Transfer transfer() {
    return Objects.requireNonNull(transfer);
  }

  int block() {
    return block;
  }

  boolean write() {
    return write;
  }

  int file() {
    return file;
  }

  long position() {
    return position;
  }

  long address() {
    return memory.address() + offset;
  }

  /** {@return the first {@code bytes} of what is still to be moved} */
  MemorySegment memory(int bytes) {
    return memory.asSlice(offset, bytes);
  }

  int length() {
    return length;
  }

  @Nullable
  Bounce bounce() {
    return bounce;
  }

  @Nullable
  Exception cause() {
    return cause;
  }
}
