/**
 * Stores of other machines: their host memory is a tier here, and ours is lent to them.
 *
 * <pre>
 * asks:  PeerTier ─ PeerNode ─ Session ── look, ask ──► Guest ─ Lender ─► pins, checksums   :lends
 *                                 │    ◄── lent, grant ── │
 *                                 └─ Link ◄─── bytes ──── Grant (ends with the pins)
 * </pre>
 *
 * <p>What both sides say is laid out in docs/peer-format.md.
 */
@NullMarked
package io.pagoda.core.peer;

import org.jspecify.annotations.NullMarked;
