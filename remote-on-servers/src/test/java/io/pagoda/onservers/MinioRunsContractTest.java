package io.pagoda.onservers;

/** As {@link MinioContractTest}, with several blocks in an object. */
class MinioRunsContractTest extends MinioContractTest {
  @Override
  int blocksPerObject() {
    return 4;
  }
}
