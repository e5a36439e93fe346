/**
 * One-sided reads and writes over sockets. A batch takes this road:
 *
 * <pre>
 * TcpLink ─► Transfer ─► Piece ─► ClientConnection ── Wire ── ServerConnection ─► Service ─►
 *  TcpGrant queue      cut into    ranges   frames, window      socket   frames, checks
 * ranges     memory </pre>
 *
 * <p>A connection belongs to the thread of one {@link Loop}. Frames are laid out in
 * docs/transport-format.md.
 */
package io.pagoda.transport.tcp;
