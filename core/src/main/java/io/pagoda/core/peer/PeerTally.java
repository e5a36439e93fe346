package io.pagoda.core.peer;

import java.util.concurrent.atomic.LongAdder;

/** What a tier of peers has done. */
final class PeerTally {
  final LongAdder lookedUp = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder blocks = new LongAdder();
  final LongAdder bytes = new LongAdder();
}
