package io.pagoda.transport.rdma;

/**
 * A read of one byte, of a GPU's memory or the host's, behind what was written there by the same
 * queue pair: it comes back when the peer's device has brought all of that to where the GPU or the
 * processor sees it. That a write has completed says no more than that the peer's device has it.
 */
final class FlushRead implements Work {
  private final From from;
  private final long landing;
  private final int lkey;
  private final Runnable done;
  private boolean filled;

  /**
   * What is read there.
   *
   * @param queue by which queue pair of the link
   * @param address of the byte
   * @param rkey of its registration
   */
  record From(int queue, long address, int rkey) {}

  /**
   * Makes one.
   *
   * @param landing where the byte comes to here
   * @param lkey of the registration there
   * @param done what is done then
   */
  FlushRead(From from, long landing, int lkey, Runnable done) {
    this.from = from;
    this.landing = landing;
    this.lkey = lkey;
    this.done = done;
  }

  @Override
  public int opcode() {
    return Abi.READ;
  }

  @Override
  public boolean more() {
    return !filled;
  }

  @Override
  public int fill(WorkRing ring, int most, long bytes) {
    ring.set(0, landing, lkey, 1, from.address, from.rkey);
    filled = true;
    return 1;
  }

  @Override
  public void done(long bytes) {
    done.run();
  }
}
