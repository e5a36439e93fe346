package io.pagoda.tier.ssd;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A port, and who dispatches operations to it; those of one device or of all.
 *
 * <p><b>Threads.</b> {@link #hostMemory}, {@link #accept} and {@link #refuse} may be called from
 * any thread.
 */
final class Loop implements AutoCloseable {
  private final IoPort port;
  private final Dispatcher dispatcher;
  private final Ends ends;

  private Loop(IoPort port, Dispatcher dispatcher, Ends ends) {
    this.port = port;
    this.dispatcher = dispatcher;
    this.ends = ends;
  }

  /** Opens ports. */
  @FunctionalInterface
  interface Ports {
    /**
     * Opens the port of a loop.
     *
     * @param files which it moves bytes to and from
     * @param queueDepth how many operations are in flight at most
     * @param suffix what its threads are told apart by
     */
    IoPort open(List<Path> files, int queueDepth, String suffix);
  }

  /**
   * Opens the loops of a tier: one for each device, or a single one.
   *
   * @param shape how operations are cut, by all loops together
   * @param tallies what each device has moved
   * @param ends told of each transfer when it has ended
   */
  static List<Loop> open(
      SsdSettings settings, IoShape shape, SlotFiles files, Ports ports, List<Tally> tallies,
      Ends ends) {
    Layout layout = settings.layout();
    boolean single = layout.directories() == 1 || settings.rings() == Rings.SHARED;
    int count = single ? 1 : layout.directories();
    List<Loop> loops = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        int first = layout.firstFile(i);
        int end = layout.firstFile(single ? layout.directories() : i + 1);
        int slots = single ? layout.slots() : layout.slotsIn(i);
        IoShape share = shape.share(count, (double) slots / layout.slots());
        List<Path> paths = files.paths().subList(first, end);
        IoPort port = ports.open(paths, share.queueDepth(), single ? "" : "-" + i);
        var dispatcher = new Dispatcher(port, layout, first, paths, share, tallies, ends);
        loops.add(new Loop(port, dispatcher, ends));
      }
      return loops;
    } catch (RuntimeException e) {
      loops.forEach(Loop::close);
      throw e;
    }
  }

  /** Tells where most transfers will have their memory. */
  void hostMemory(MemorySegment memory, long pieceBytes) {
    port.hostMemory(memory, pieceBytes);
  }

  /** Takes a transfer on. */
  void accept(Transfer transfer) {
    port.execute(() -> dispatcher.accept(transfer));
  }

  /** Ends a transfer of which nothing was moved. */
  void refuse(Transfer transfer) {
    port.execute(() -> ends.ended(transfer));
  }

  /** Ends the thread and closes the files. Nothing is in flight any more. */
  @Override
  public void close() {
    try (port;
        dispatcher) {
      Engine.LOG.log(System.Logger.Level.DEBUG, "Closing {0}", port);
    }
  }

  @Override
  public String toString() {
    return port.toString();
  }
}
