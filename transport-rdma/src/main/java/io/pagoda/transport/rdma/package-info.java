/**
 * The {@code rdma} transport.
 *
 * <pre>
 * RdmaTransport ─ RdmaLink ─ Transfer ─┐                                    caller's thread
 *                    Lease ────────────┤► Queue ─► Lane ─► WorkRing ─► doorbell
 * RdmaEndpoint ─ Guest ─ ServedLease ──┘     ▲
 *                                            └─ Completions, ConnectionEvents: threads
 * </pre>
 */
package io.pagoda.transport.rdma;
