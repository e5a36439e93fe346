package io.pagoda.servers;

/** What a {@link FaultProxy} does to one request. Bytes are those of bodies, heads are whole. */
public sealed interface Fault {
  /** Nothing. */
  Fault NONE = new None();

  /** Which body. */
  enum Way {
    /** Of the request. */
    UP,
    /** Of the response. */
    DOWN
  }

  /** How a connection ends. */
  enum End {
    /** In order, as if all had been said. */
    CLOSE,
    /** With a reset: the peer may lose what it has not read. */
    RESET
  }

  /** Nothing. */
  record None() implements Fault {}

  /** Ends the connection to the client after so many bytes of a body. */
  record Cut(Way way, long after, End end) implements Fault {}

  /** Passes nothing on after so many bytes of a body, and keeps the connection. */
  record Stall(Way way, long after) implements Fault {}

  /** Passes both bodies on at this pace. */
  record Slow(long bytesPerSecond) implements Fault {}

  /** Flips a bit of one byte of a body. */
  record Corrupt(Way way, long at) implements Fault {}

  /** Answers in the server's place, which learns nothing of the request. */
  record Reply(int status, String code) implements Fault {
    /** The server is in trouble. */
    public static final Reply INTERNAL_ERROR = new Reply(500, "InternalError");

    /** The server asks for fewer requests. */
    public static final Reply SLOW_DOWN = new Reply(503, "SlowDown");
  }

  /** Lets the server do what is asked, and ends the connection instead of its answer. */
  record DropResponse() implements Fault {}
}
