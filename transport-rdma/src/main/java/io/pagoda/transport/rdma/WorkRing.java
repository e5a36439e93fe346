package io.pagoda.transport.rdma;

import java.io.IOException;

/**
 * Work requests of one queue pair, written again and again. All are reads or all are writes at a
 * time; each moves one stretch. Used by one thread at a time.
 */
interface WorkRing extends AutoCloseable {
  /** {@return how many requests one list can have} */
  int capacity();

  /**
   * Writes a request.
   *
   * @param index which of the list
   * @param local address here
   * @param lkey of the registration here
   * @param length how many bytes
   * @param remote address there
   * @param rkey of the registration there
   */
  void set(int index, long local, int lkey, int length, long remote, int rkey);

  /** {@return bytes of the requests that were written since the last were posted} */
  long filled();

  /**
   * Rings the doorbell once for a list of requests, of which the last tells its completion.
   *
   * @param from the first request
   * @param count how many
   * @param opcode what they do
   * @param id what the completion says
   * @return how many were taken; the others were not begun
   * @throws IOException if none was, and waiting does not help
   */
  int post(int from, int count, int opcode, long id) throws IOException;

  @Override
  void close();
}
