package io.pagoda;

/**
 * Layers of a model whose KV has one geometry. Most models have one group.
 *
 * @param layers how many layers, at least 1
 * @param kvHeads KV heads of each layer over all ranks, at least 1; 1 where keys and values share
 *     one tensor
 * @param headSize elements of a head, at least 1
 * @param shared whether keys and values are one latent tensor (MLA), which every rank holds whole
 * @param type what an element is stored as
 * @param tokensPerEntry how many tokens share an entry of the tensor, 1 unless the layers compress
 */
public record LayerGroup(
    int layers, int kvHeads, int headSize, boolean shared, ElementType type, int tokensPerEntry) {
  /** Checks the geometry. */
  public LayerGroup {
    if (layers < 1 || kvHeads < 1 || headSize < 1 || tokensPerEntry < 1) {
      throw new IllegalArgumentException(
          "Layers, heads, head size and tokens per entry are at least 1: %d, %d, %d, %d"
              .formatted(layers, kvHeads, headSize, tokensPerEntry));
    }
    if (shared && kvHeads != 1) {
      throw new IllegalArgumentException(
          "Layers whose keys and values share a tensor have 1 KV head, not " + kvHeads);
    }
  }

  /** {@return a group of layers with separate keys and values} */
  public static LayerGroup separate(int layers, int kvHeads, int headSize, ElementType type) {
    return new LayerGroup(layers, kvHeads, headSize, false, type, 1);
  }

  /** {@return a group of layers with one latent tensor for keys and values} */
  public static LayerGroup shared(int layers, int headSize, ElementType type) {
    return new LayerGroup(layers, 1, headSize, true, type, 1);
  }

  /** {@return how many tensors a layer has: keys and values, or one for both} */
  public int tensors() {
    return shared ? 1 : 2;
  }

  /** {@return bytes of one tensor of one layer for {@code tokens} tokens, over all ranks} */
  public long chunkBytes(int tokens) {
    return (long) (tokens / tokensPerEntry) * kvHeads * headSize * type.bytes();
  }
}
