/**
 * The contract of a one-sided transport between machines.
 *
 * <pre>
 * here                                             there
 * Transport ─ register ─► Region                   Transport ─ register ─► Region
 *     │ connect(PeerMetadata) ◄── any road ────────── listen ─► Endpoint      │ Window
 *     ▼                                                                       ▼
 *   Link ─ post(RemoteBatch) ─► TransferHandle ·····bytes····► grant ─► Grant, GrantListener
 *            Region, GrantMetadata ◄── any road ───────────────────────── metadata
 * </pre>
 *
 * <p>What travels by any road is laid out in docs/transport-format.md.
 */
package io.pagoda.spi.transport;
