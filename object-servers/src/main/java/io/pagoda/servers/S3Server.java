package io.pagoda.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * A server that runs, with credentials {@link Credentials#TEST}. Buckets are in the path of a URL.
 *
 * <p><b>Threads.</b> One at a time.
 */
public interface S3Server extends AutoCloseable {
  /** The region that every server here is in. */
  String REGION = "us-east-1";

  /** {@return where it listens in plain HTTP, such as {@code http://127.0.0.1:4711}} */
  URI endpoint();

  /** {@return where it listens with TLS; a server may hold other buckets there} */
  URI secureEndpoint();

  /** {@return the certificate of its TLS endpoint, in PEM: its own authority} */
  Path certificate();

  /** Creates a bucket, at both endpoints; that it is there already does not matter. */
  void createBucket(String name) throws IOException;

  /** Ends it without any warning. What it had acknowledged it need not have kept. */
  void kill() throws IOException;

  /** Starts it again at the same ports with what it kept. Returns when it answers. */
  void restart() throws IOException;

  /** Ends it for good; its directory stays. */
  @Override
  void close() throws IOException;
}
