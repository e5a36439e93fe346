package io.pagoda.tier.gpu;

import io.pagoda.ByteSize;

/**
 * What is put into a stream at a time.
 *
 * @param path how it is copied
 * @param toDevice which way
 * @param blocks how many blocks
 * @param bytes of all together
 */
record Load(CopyPath path, boolean toDevice, int blocks, long bytes) {
  @Override
  public String toString() {
    return "copying %s of %d blocks %s the device (%s)"
        .formatted(new ByteSize(bytes), blocks, toDevice ? "to" : "from", path.word());
  }
}
