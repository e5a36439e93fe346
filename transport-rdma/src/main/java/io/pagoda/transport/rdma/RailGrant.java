package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantMetadata;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A grant by several devices, which have one token for it.
 *
 * @param parts the grant of each
 */
record RailGrant(List<RdmaGrant> parts) implements Grant {
  @Override
  public GrantMetadata metadata() {
    return parts.getFirst().metadata();
  }

  @Override
  public CompletionStage<Void> revoke() {
    return CompletableFuture
        .allOf(
            parts.stream()
                .map(part -> part.revoke().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .minimalCompletionStage();
  }
}
