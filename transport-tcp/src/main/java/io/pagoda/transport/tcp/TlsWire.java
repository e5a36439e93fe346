package io.pagoda.transport.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * A wire within TLS. What is sent is encrypted from where it is into a buffer, and what comes is
 * decrypted from a buffer to where it belongs, unless there is no room for a whole record there.
 */
final class TlsWire implements Wire, Wire.User {
  private static final String BINDING = "EXPORTER-Channel-Binding";
  private static final int BINDING_BYTES = 32;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** After so many records that bring nothing, such as requests for new keys, others go on. */
  private static final int MOST_EMPTY = 32;

  private final Wire inner;
  private final Loop loop;
  private final SSLEngine engine;
  private final CountedMemory memory;
  private final Ciphertext in;
  private final Ciphertext out;
  /** What was decrypted, and had no room where it belongs. */
  private final ByteBuffer spill;

  private @Nullable User user;
  private boolean begun;
  private boolean established;
  private boolean computing;
  /** Whether the last read found something: the wire does not tell of what is here already. */
  private boolean more;
  private boolean again;

  private boolean closed;
  private @Nullable Refusal failure;

  TlsWire(Wire inner, Loop loop, SSLEngine engine, Census census) {
    this.inner = inner;
    this.loop = loop;
    this.engine = engine;
    memory = new CountedMemory(census);
    try {
      int packet = engine.getSession().getPacketBufferSize();
      in = new Ciphertext(inner, memory, packet);
      out = new Ciphertext(inner, memory, packet);
      int record = engine.getSession().getApplicationBufferSize();
      spill = memory.allocate(record).asByteBuffer().limit(0);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public Vectors vectors(Arena ignored, int capacity) {
    return new BufferVectors(capacity);
  }

  @Override
  public long read(Vectors into) throws IOException {
    if (!ready()) {
      return closed ? -1 : 0;
    }
    long count = decrypted((BufferVectors) into);
    more = count > 0;
    return count;
  }

  private long decrypted(BufferVectors to) throws IOException {
    for (int turn = 0; turn < MOST_EMPTY; turn++) {
      if (spill.hasRemaining()) {
        return pour(to);
      }
      SSLEngineResult result = decrypt(to);
      if (result.bytesProduced() > 0 && !spill.hasRemaining()) {
        return result.bytesProduced();
      }
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        return -1;
      }
      if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
        long count = in.fill();
        if (count <= 0) {
          return count;
        }
      } else if (result.getStatus() == SSLEngineResult.Status.OK) {
        afterwards(result.getHandshakeStatus());
      }
    }
    goOn();
    return 0;
  }

  private long pour(BufferVectors to) {
    long poured = 0;
    for (int i = to.first(); i < to.first() + to.count() && spill.hasRemaining(); i++) {
      ByteBuffer one = to.buffers()[i];
      int count = Math.min(one.remaining(), spill.remaining());
      one.put(spill.slice(spill.position(), count));
      spill.position(spill.position() + count);
      poured += count;
    }
    return poured;
  }

  private SSLEngineResult decrypt(BufferVectors to) throws IOException {
    try {
      SSLEngineResult result = engine.unwrap(in.bytes(), to.buffers(), to.first(), to.count());
      return result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW ? toSpill() : result;
    } catch (SSLException e) {
      throw failed(e);
    }
  }

  private SSLEngineResult toSpill() throws SSLException {
    spill.clear();
    try {
      return engine.unwrap(in.bytes(), spill);
    } finally {
      spill.flip();
    }
  }

  /** What a record behind the handshake asks for: new keys, say. */
  private void afterwards(HandshakeStatus asked) throws IOException {
    if (asked == HandshakeStatus.NEED_TASK) {
      compute();
    } else if (asked == HandshakeStatus.NEED_WRAP && out.drain()) {
      encrypt(new ByteBuffer[] {NOTHING}, 0, 1);
      out.drain();
    }
  }

  @Override
  public long write(Vectors from) throws IOException {
    if (!ready() || !out.drain()) {
      return 0;
    }
    BufferVectors all = (BufferVectors) from;
    long consumed = 0;
    while (out.hasRoom()) {
      SSLEngineResult result = encrypt(all.buffers(), all.first(), all.count());
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        throw new EOFException("the peer has closed the connection");
      }
      consumed += result.bytesConsumed();
      if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
        break;
      }
    }
    out.drain();
    return consumed;
  }

  private SSLEngineResult encrypt(ByteBuffer[] from, int first, int count) throws IOException {
    try {
      SSLEngineResult result = engine.wrap(from, first, count, out.room());
      out.filled();
      return result;
    } catch (SSLException e) {
      out.filled();
      throw failed(e);
    }
  }

  /** {@return whether both sides have agreed; goes on with that, if not} */
  private boolean ready() throws IOException {
    if (failure != null) {
      discard();
      return false;
    }
    if (!established && !computing && !closed) {
      agree();
    }
    return established && !closed;
  }

  private void agree() throws IOException {
    if (!begun) {
      begun = true;
      engine.beginHandshake();
    }
    while (out.drain()) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          computing = true;
          Thread.ofVirtual().start(() -> {
            compute();
            loop.execute(this::computed);
          });
          return;
        }
        case NEED_WRAP -> encrypt(new ByteBuffer[] {NOTHING}, 0, 1);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (!take()) {
            return;
          }
        }
        default -> {
          agreed();
          return;
        }
      }
    }
  }

  private void agreed() throws IOException {
    if (engine.isInboundDone() || engine.isOutboundDone()) {
      throw gone(null);
    }
    established = true;
    goOn(); // what came with the end of the handshake is told of by nobody else
  }

  /** Looks once more for what is here already, when others have had their turn. */
  private void goOn() {
    if (!again) {
      again = true;
      loop.execute(() -> {
        again = false;
        if (!closed) {
          readable();
        }
      });
    }
  }

  /** Does what takes long: computing keys, and verifying certificates. */
  private void compute() {
    for (Runnable task = engine.getDelegatedTask(); task != null;) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  private void computed() {
    computing = false;
    if (!closed) {
      readable();
    }
  }

  /** {@return whether a part of the handshake came; otherwise it is waited for} */
  private boolean take() throws IOException {
    if (in.plain()) {
      throw plain();
    }
    SSLEngineResult result;
    try {
      result = toSpill();
    } catch (SSLException e) {
      throw failed(e);
    }
    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw gone(null);
    }
    if (result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
      return true;
    }
    long count = fill();
    if (count < 0) {
      throw gone(null);
    }
    return count > 0;
  }

  private long fill() throws IOException {
    try {
      return in.fill();
    } catch (IOException e) {
      throw gone(e);
    }
  }

  private Refusal gone(@Nullable IOException why) {
    return new Refusal(
        remote() + " closed the connection before TLS was agreed. Is tls.enabled there, too?", why);
  }

  /**
   * {@return what to throw}. The peer is told why, and a serving side waits for it to go: if it
   * closed the connection with anything unread, the peer would not hear of the reason.
   */
  private Refusal failed(SSLException why) {
    Refusal told = new Refusal("no TLS with %s: %s".formatted(remote(), reason(why)), why);
    try {
      alert();
    } catch (IOException e) {
      told.addSuppressed(e);
    }
    return told;
  }

  private void alert() throws IOException {
    if (!out.drain()) {
      return;
    }
    try {
      engine.wrap(NOTHING, out.room());
    } finally {
      out.filled();
    }
    out.drain();
  }

  /** Says so in frames, which is what the peer speaks. */
  private Refusal plain() throws IOException {
    byte[] frame = new byte[Frame.HEADER_BYTES + Frame.MAX_REASON_BYTES];
    byte[] why = Frame.reason("this side asks for TLS: set tls.enabled at both sides, or at none");
    int bytes =
        new Small(Frame.END, Status.REFUSED.code(), 0, why).encode(MemorySegment.ofArray(frame));
    if (out.drain()) {
      out.room().put(frame, 0, bytes);
      out.filled();
      out.drain();
    }
    return new Refusal(remote() + " speaks no TLS, and this side asks for it", null);
  }

  private static String reason(Throwable why) {
    Throwable deepest = why;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String first = String.valueOf(why.getMessage());
    String last = String.valueOf(deepest.getMessage());
    return first.equals(last) ? first : first + " (" + last + ")";
  }

  private void discard() throws IOException {
    for (int turn = 0; turn < MOST_EMPTY; turn++) {
      long count = in.fill();
      if (count < 0) {
        throw refusal();
      }
      if (count == 0) {
        return;
      }
      in.bytes().position(in.bytes().limit());
    }
    goOn();
  }

  private Refusal refusal() {
    Refusal why = failure;
    return why == null ? new Refusal("no TLS with " + remote(), null) : why;
  }

  @Override
  public byte[] binding() throws IOException {
    try {
      ExtendedSSLSession session = (ExtendedSSLSession) engine.getSession();
      return session.exportKeyingMaterialData(BINDING, new byte[0], BINDING_BYTES);
    } catch (SSLException e) {
      throw new IOException("TLS has no keys to bind a proof to: " + e.getMessage(), e);
    }
  }

  @Override
  public void grow() {
    in.grow();
    out.grow();
  }

  @Override
  public String identity() {
    try {
      X509Certificate first = (X509Certificate) engine.getSession().getPeerCertificates()[0];
      List<String> names = PeerNames.of(first);
      return names.isEmpty() ? first.getSubjectX500Principal().getName() : String.join(", ", names);
    } catch (SSLPeerUnverifiedException | CertificateException _) { // it has shown none
      return "";
    }
  }

  @Override
  public boolean flushed() {
    return !out.bytes().hasRemaining();
  }

  @Override
  public void user(User user) {
    this.user = user;
    inner.user(this);
  }

  @Override
  public void readable() {
    proceed();
    User told = user;
    if (told != null && established && !closed) {
      told.readable();
      if (more && !closed) {
        goOn();
      }
    }
  }

  @Override
  public void writable() {
    proceed();
    User told = user;
    if (told != null && established && !closed) {
      told.writable();
    }
  }

  private void proceed() {
    boolean before = established;
    try {
      boolean now = ready();
      User told = user;
      if (now && !before && told != null) {
        told.writable();
      } else if (now) {
        out.drain();
      }
    } catch (IOException e) {
      broken(e);
    }
  }

  @Override
  public void broken(IOException why) {
    User told = user;
    if (told == null || closed) {
      return;
    }
    if (why instanceof Refusal refusal && failure == null && !engine.getUseClientMode()) {
      failure = refusal;
      readable();
    } else {
      told.broken(why);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      inner.close();
    }
  }

  @Override
  public void closed() {
    User told = user;
    if (told != null) {
      told.closed();
    }
    loop.execute(memory::close);
  }

  @Override
  public String remote() {
    return inner.remote();
  }
}
