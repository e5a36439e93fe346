/**
 * The communicator: blocks of one engine's memory go to another's, over a transport.
 *
 * <pre>
 * decode:   Rendezvous ── Geometry, grant ──► prefill:  Target ── Overlap, Ranges ── RemoteBatch
 * </pre>
 */
@NullMarked
package io.pagoda.core.communicate;

import org.jspecify.annotations.NullMarked;
