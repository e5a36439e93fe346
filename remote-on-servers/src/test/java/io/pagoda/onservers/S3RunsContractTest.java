package io.pagoda.onservers;

/** As {@link MinioContractTest}, with several blocks in an object, through AWS's client. */
class S3RunsContractTest extends MinioContractTest {
  @Override
  Client client() {
    return Client.S3;
  }

  @Override
  int blocksPerObject() {
    return 4;
  }
}
