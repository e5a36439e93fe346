package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import java.util.ArrayList;
import java.util.List;

/**
 * What peers say to each other, laid out in docs/peer-format.md. Arrays are given away.
 */
sealed interface Message {
  /** What every conversation begins with: PAGOPEER. */
  long MAGIC = 0x5245_4550_4f47_4150L;

  /** The version of what is said. */
  int VERSION = 1;

  /** Bytes of a nonce. */
  int NONCE_BYTES = 16;

  /** Bytes of a proof. */
  int PROOF_BYTES = 32;

  /** The number of a refusal, which is never sealed. */
  int REFUSAL = 4;

  /** How many transports a side may name. */
  int MOST_TRANSPORTS = 16;

  /** Of how many blocks may be asked whether they are there. */
  int MOST_KEYS = 1 << 16;

  /** How many may be asked for at once. */
  int MOST_LENT = 1 << 13;

  /** Bytes of the longest message of whoever asks. */
  int LONGEST_QUESTION = 2 * Long.BYTES * MOST_KEYS + 64;

  /** Bytes of the longest message before whoever asks was let in. */
  int LONGEST_GREETING = 16 << 10;

  /** Bytes of the longest message of whoever lends. */
  int LONGEST_ANSWER = 16 << 20;

  /** Bytes of the longest name. */
  int LONGEST_NAME = 256;

  /** Bytes of the longest reason. */
  int LONGEST_REASON = 4096;

  /** {@return the number of its kind} */
  int type();

  /** Writes all but that. */
  void write(MessageWriter out);

  /**
   * The first that whoever lends says.
   *
   * @param version of the protocol
   * @param secret whether it asks for a proof
   * @param nonce random bytes that the proof is of too
   */
  record Hello(int version, boolean secret, byte[] nonce) implements Message {
    @Override
    public int type() {
      return 1;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(MAGIC).octet(version).octet(secret ? 1 : 0).plain(nonce);
    }

    private static Hello read(MessageReader in) {
      in.check(in.number() == MAGIC, "whoever answers is no peer of Pagoda's");
      return new Hello(in.octet(), in.octet() == 1, in.plain(NONCE_BYTES));
    }
  }

  /**
   * What whoever asks says first.
   *
   * @param version of the protocol
   * @param nonce random bytes of its own
   * @param proof that it knows the secret
   * @param name what it calls itself
   * @param shape of its blocks
   * @param transports which it has, preferred first
   */
  record Greeting(
      int version, byte[] nonce, byte[] proof, String name, PeerShape shape,
      List<String> transports) implements Message {
    @Override
    public int type() {
      return 2;
    }

    @Override
    public void write(MessageWriter out) {
      out.octet(version).plain(nonce).plain(proof);
      proved(out);
    }

    /** Writes what the proof is of, beside the nonces. */
    void proved(MessageWriter out) {
      out.text(name, LONGEST_NAME);
      shape.write(out);
      out.octet(transports.size());
      transports.forEach(transport -> out.text(transport, LONGEST_NAME));
    }

    private static Greeting read(MessageReader in) {
      int version = in.octet();
      in.check(version == VERSION, "version " + version + " is not " + VERSION);
      byte[] nonce = in.plain(NONCE_BYTES);
      byte[] proof = in.plain(PROOF_BYTES);
      String name = in.text(LONGEST_NAME);
      PeerShape shape = PeerShape.read(in);
      int count = in.octet();
      in.check(count <= MOST_TRANSPORTS, count + " transports are too many");
      List<String> transports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        transports.add(in.text(LONGEST_NAME));
      }
      return new Greeting(version, nonce, proof, name, shape, transports);
    }
  }

  /**
   * Whoever asks is let in.
   *
   * @param name what whoever lends calls itself
   * @param shape of its blocks
   * @param lifetime how long it lends at most, in milliseconds
   * @param way how to reach its memory
   */
  record Welcome(String name, PeerShape shape, long lifetime, PeerMetadata way) implements Message {
    @Override
    public int type() {
      return 3;
    }

    @Override
    public void write(MessageWriter out) {
      out.text(name, LONGEST_NAME);
      shape.write(out);
      out.number(lifetime).bytes(way.encode());
    }

    private static Welcome read(MessageReader in) {
      return new Welcome(
          in.text(LONGEST_NAME), PeerShape.read(in), in.number(),
          PeerMetadata.decode(in.bytes(PeerMetadata.MAX_BYTES)));
    }
  }

  /**
   * Whoever asks is not let in.
   *
   * @param why in words
   */
  record Refusal(String why) implements Message {
    @Override
    public int type() {
      return REFUSAL;
    }

    @Override
    public void write(MessageWriter out) {
      out.text(why, LONGEST_REASON);
    }
  }

  /** A question or answer with a number. */
  sealed interface Numbered extends Message {
    /** {@return the question's number, which its answer repeats} */
    long id();
  }

  /** How many of these keys, one after the other from the first, are in host memory? */
  record Look(long id, BlockKeys keys) implements Numbered {
    @Override
    public int type() {
      return 5;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).numbers(words(keys));
    }
  }

  /** So many. */
  record Found(long id, int blocks) implements Numbered {
    @Override
    public int type() {
      return 6;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).count(blocks);
    }
  }

  /**
   * Lend these blocks.
   *
   * @param lifetime for how many milliseconds
   */
  record Ask(long id, long lifetime, BlockKeys keys) implements Numbered {
    @Override
    public int type() {
      return 7;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).number(lifetime).numbers(words(keys));
    }
  }

  /**
   * These are lent.
   *
   * @param states as {@link Loan#states}
   * @param checksums of those that are lent
   * @param grant {@link GrantMetadata}, with a window for each; empty if none is
   */
  record Lent(long id, byte[] states, int[] checksums, byte[] grant) implements Numbered {
    @Override
    public int type() {
      return 8;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).bytes(states).counts(checksums).bytes(grant);
    }

    private static Lent read(MessageReader in) {
      long id = in.number();
      byte[] states = in.bytes(MOST_LENT);
      for (byte state : states) {
        in.check(state >= Loan.LENT && state <= Loan.BUSY, "state " + state + " is unknown");
      }
      return new Lent(
          id, states, in.counts(LONGEST_ANSWER / Integer.BYTES), in.bytes(GrantMetadata.MAX_BYTES));
    }
  }

  /** What was lent under a number is not read any more. */
  record Release(long id) implements Numbered {
    @Override
    public int type() {
      return 9;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id);
    }
  }

  /** The bytes of these blocks were not those that the checksums are of. */
  record Wrong(BlockKeys keys) implements Message {
    @Override
    public int type() {
      return 10;
    }

    @Override
    public void write(MessageWriter out) {
      out.numbers(words(keys));
    }
  }

  /** Are you there? */
  record Ping(long id) implements Numbered {
    @Override
    public int type() {
      return 11;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id);
    }
  }

  /** Yes. */
  record Pong(long id) implements Numbered {
    @Override
    public int type() {
      return 12;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id);
    }
  }

  /** Of which blocks can be said at random that they are in host memory? */
  record Sample(long id, int most) implements Numbered {
    @Override
    public int type() {
      return 13;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).count(most);
    }
  }

  /** Of these. */
  record Some(long id, BlockKeys keys) implements Numbered {
    @Override
    public int type() {
      return 14;
    }

    @Override
    public void write(MessageWriter out) {
      out.number(id).numbers(words(keys));
    }
  }

  /** {@return all but the type} */
  default byte[] body() {
    MessageWriter out = new MessageWriter();
    write(out);
    return out.end();
  }

  /**
   * Reads what a stranger has said.
   *
   * @throws io.pagoda.PagodaException if it is not a message
   */
  static Message read(int type, byte[] body) {
    MessageReader in = new MessageReader(body);
    Message message = switch (type) {
      case 1 -> Hello.read(in);
      case 2 -> Greeting.read(in);
      case 3 -> Welcome.read(in);
      case REFUSAL -> new Refusal(in.text(LONGEST_REASON));
      case 5 -> new Look(in.number(), keys(in, MOST_KEYS));
      case 6 -> new Found(in.number(), in.count(MOST_KEYS));
      case 7 -> new Ask(in.number(), in.number(), keys(in, MOST_LENT));
      case 8 -> Lent.read(in);
      case 9 -> new Release(in.number());
      case 10 -> new Wrong(keys(in, MOST_LENT));
      case 11 -> new Ping(in.number());
      case 12 -> new Pong(in.number());
      case 13 -> new Sample(in.number(), in.count(MOST_LENT));
      case 14 -> new Some(in.number(), keys(in, MOST_LENT));
      default -> {
        in.check(false, "type " + type + " is unknown");
        throw new IllegalStateException();
      }
    };
    in.end();
    return message;
  }

  private static BlockKeys keys(MessageReader in, int most) {
    long[] words = in.numbers(2 * most);
    in.check((words.length & 1) == 0, "half a key");
    return BlockKeys.ofWords(words);
  }

  private static long[] words(BlockKeys keys) {
    long[] words = new long[2 * keys.size()];
    for (int i = 0; i < keys.size(); i++) {
      words[2 * i] = keys.high(i);
      words[2 * i + 1] = keys.low(i);
    }
    return words;
  }
}
