package io.pagoda;

/**
 * Memory of this process that peers may use: whoever gets the metadata, by whatever way. It learns
 * from them that they are done, have failed or cancelled; it sees that they are lost, and that its
 * deadline has passed.
 */
public interface PassiveOperation extends Operation {
  /** {@return what a peer needs to begin: as secret as the memory is} */
  RdmaMetadata metadata();
}
