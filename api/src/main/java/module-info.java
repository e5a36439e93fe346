import org.jspecify.annotations.NullMarked;

/**
 * The words of Pagoda and the interfaces a plugin may implement.
 *
 * <p>This module needs nothing but {@code java.base}. Every other module needs this one, and it is
 * all that a plugin sees of the engine.
 *
 * <p>An inference engine asks for tokens, at a {@link io.pagoda.KvCache}:
 *
 * {@snippet :
 * Pool pool = cache.register(
 *     EngineMemory.of(cache.model(), KvLayout.LAYER_FIRST, blocks).rank(0, layerTensors));
 * KvRequest prompt = KvRequest.of(Tokens.of(ids)).in(Namespace.of(tenant, adapter));
 *
 * KvTask fetch = cache.fetch(prompt, pool, SlotMapping.ofBlocks(blockTable));
 * int have = fetch.outcome().toCompletableFuture().join().tokens().to(); // compute the others
 * KvTask put = cache.put(prompt, pool, SlotMapping.ofBlocks(blockTable));
 * put.settled().thenRun(() -> free(blockTable));
 * }
 *
 * <p>Who has block keys of its own asks for blocks, at a {@link io.pagoda.BlockStore}.
 */
@NullMarked
module io.pagoda.api {
  requires static transitive org.jspecify;

  exports io.pagoda;
  exports io.pagoda.spi;
  exports io.pagoda.spi.device;
  exports io.pagoda.spi.eviction;
  exports io.pagoda.spi.tier;
  exports io.pagoda.spi.transport;
}
