/**
 * The connector: memory of two processes and what moves between it, over transports.
 *
 * <pre>
 * passive:  Exposure ── grants, Payload ── metadata ──► active:  Payload ── Tracks.choose
 *              ▲                                                    │
 *              │                                              ActiveTransfer
 *              └──────── Told ◄──── Track ◄──── Link ◄───────── PeerConnection
 * </pre>
 */
@NullMarked
package io.pagoda.core.connect;

import org.jspecify.annotations.NullMarked;
