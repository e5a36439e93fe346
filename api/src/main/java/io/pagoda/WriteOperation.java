package io.pagoda;

/**
 * Bytes on their way from here to a peer's memory. When it is complete, they are there, and the
 * peer has heard of it; whether they pass a verification, the peer knows.
 */
public interface WriteOperation extends ActiveOperation {}
