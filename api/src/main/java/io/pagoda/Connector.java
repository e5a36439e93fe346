package io.pagoda;

import java.util.List;

/**
 * Moves memory between processes. The passive side exposes some of its own, and sends the metadata
 * by any way it has; the active side begins, and bytes move between both memories without a copy in
 * between. Memory of a device that no transport here moves itself is staged: it passes through host
 * memory, with one copy more, and {@link ActiveOperation#path} says so and why.
 *
 * {@snippet :
 * ReadableOperation exposed = connector.createReadable(Descriptor.of(image)); // there
 * send(exposed.metadata().toJson());
 *
 * RdmaMetadata metadata = RdmaMetadata.parse(received); // here
 * ReadOperation read = connector.beginRead(metadata, Descriptor.of(target));
 * read.ended().thenAccept(end -> use(read.results()));
 * }
 *
 * <p>Descriptors of both sides go together: one with one (a list of one is as good), or as many as
 * there are, each as long as its counterpart. All of one side are memory of one kind.
 *
 * <p><b>Threads.</b> Safe for use by many threads. Only {@link #close} blocks, and what exposes or
 * registers staged memory; verified memory that is exposed is read by the caller's thread.
 *
 * <p><b>Memory.</b> See {@link Operation}. Nothing but what an operation names is opened to peers.
 * What a device was told to write has been written before an operation is given it: nobody waits
 * for its streams.
 *
 * <p><b>Failures.</b> What cannot begin throws {@link ConnectorException}, and has then contacted
 * nobody and left nothing registered; what has begun ends with one. After {@link #close} all
 * methods throw {@link IllegalStateException}.
 */
public interface Connector extends AutoCloseable {
  /** {@return what it calls itself} */
  String name();

  /** {@return the terms of operations that are given none} */
  OperationTerms terms();

  /**
   * Lets peers read memory. It does not change until the operation has ended: of memory that is
   * staged, peers read what was there at this call, which waits until that is copied and for room
   * to copy it to, within the operation's deadline.
   *
   * @param local which, at least one
   * @param terms for how long, and for how many
   */
  ReadableOperation createReadable(List<Descriptor> local, OperationTerms terms);

  /** As {@link #createReadable(List, OperationTerms)}, on the connector's own terms. */
  default ReadableOperation createReadable(Descriptor... local) {
    return createReadable(List.of(local), terms());
  }

  /**
   * Lets peers write to memory. What is written to memory that is staged is copied on when its last
   * use has ended well, before the operation is complete; before that, or if it ends otherwise,
   * nothing is. The call waits for room, within the operation's deadline.
   *
   * @param local which, at least one
   * @param terms for how long, and for how many
   */
  WritableOperation createWritable(List<Descriptor> local, OperationTerms terms);

  /** As {@link #createWritable(List, OperationTerms)}, on the connector's own terms. */
  default WritableOperation createWritable(Descriptor... local) {
    return createWritable(List.of(local), terms());
  }

  /**
   * Begins to read what a peer has exposed.
   *
   * @param remote what the peer's {@link ReadableOperation} said
   * @param local where to
   * @param terms for how long
   */
  ReadOperation beginRead(RdmaMetadata remote, List<Descriptor> local, OperationTerms terms);

  /** As {@link #beginRead(RdmaMetadata, List, OperationTerms)}, on the connector's own terms. */
  default ReadOperation beginRead(RdmaMetadata remote, Descriptor... local) {
    return beginRead(remote, List.of(local), terms());
  }

  /**
   * Begins to write to what a peer has exposed.
   *
   * @param local what, which must not change until it has ended
   * @param remote what the peer's {@link WritableOperation} said
   * @param terms for how long
   */
  WriteOperation beginWrite(List<Descriptor> local, RdmaMetadata remote, OperationTerms terms);

  /** As {@link #beginWrite(List, RdmaMetadata, OperationTerms)}, of one, on the own terms. */
  default WriteOperation beginWrite(Descriptor local, RdmaMetadata remote) {
    return beginWrite(List.of(local), remote, terms());
  }

  /**
   * Keeps memory registered, for operations to come. Memory that is staged is not: what such
   * operations need is made ready, which takes some tenths of a second the first time, and stays as
   * long as the connector.
   */
  Registration register(Descriptor memory);

  /** {@return the connections that are open} */
  List<Connection> connections();

  /** {@return what it holds} */
  ConnectorUse use();

  /**
   * Cancels what runs, waits until that has settled, and closes all; a second call does nothing.
   */
  @Override
  void close();
}
