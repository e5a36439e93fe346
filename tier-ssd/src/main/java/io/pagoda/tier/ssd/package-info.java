/**
 * A tier in files. A batch takes this road:
 *
 * <pre>
 * SsdTier ─► Dispatcher ─► IoPort ─► kernel     (one hop to the port's thread per batch)
 *            cuts a Transfer into Ops,  RingPort: io_uring
 *            continues short ones       ChannelPort: threads that block
 * </pre>
 */
package io.pagoda.tier.ssd;
