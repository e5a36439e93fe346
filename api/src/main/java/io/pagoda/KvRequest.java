package io.pagoda;

import java.util.Objects;

/**
 * What an inference engine asks a {@link KvCache} for: a sequence of tokens and which of them take
 * part.
 *
 * <p>Only whole blocks take part. Blocks count from the first token of {@code tokens}; a block of
 * which the mask leaves out a token, at either end, is left out as a whole, so that nothing outside
 * of the mask is ever read or written.
 *
 * @param tokens the sequence, from its beginning: a block's key covers all that is before it
 * @param mask which tokens take part, one range. To match or fetch, it may start later: the engine
 *     then has the beginning itself, and the store need not have it. To put, it starts at token 0
 * @param namespace whose blocks they are
 */
public record KvRequest(Tokens tokens, TokenMask mask, Namespace namespace) {
  /**
   * Checks the mask.
   *
   * @throws IllegalArgumentException if the mask is of another number of tokens, or has a hole
   */
  public KvRequest {
    if (mask.size() != tokens.size()) {
      throw new IllegalArgumentException(
          "The mask is of %d tokens and there are %d".formatted(mask.size(), tokens.size()));
    }
    mask.hole().ifPresent(KvRequest::refuse);
    Objects.requireNonNull(namespace, "namespace; everybody's is Namespace.SHARED");
  }

  private static void refuse(int hole) {
    throw new IllegalArgumentException(
        ("The mask has a hole at token %d: tokens on both sides of it are in; ask for each range "
            + "by itself").formatted(hole));
  }

  /** {@return a request of all of these tokens, in the namespace that everybody shares} */
  public static KvRequest of(Tokens tokens) {
    return new KvRequest(tokens, TokenMask.all(tokens.size()), Namespace.SHARED);
  }

  /** {@return a request of all of these tokens, in the namespace that everybody shares} */
  public static KvRequest of(int... tokens) {
    return of(Tokens.of(tokens));
  }

  /** {@return this request in another namespace} */
  public KvRequest in(Namespace newNamespace) {
    return new KvRequest(tokens, mask, newNamespace);
  }

  /** {@return this request of other tokens of the sequence} */
  public KvRequest masked(TokenMask newMask) {
    return new KvRequest(tokens, newMask, namespace);
  }

  /** {@return this request of the tokens for which {@code newMask} has true} */
  public KvRequest masked(boolean... newMask) {
    return masked(TokenMask.of(newMask));
  }

  /** {@return this request without the tokens before {@code token}, which the engine has} */
  public KvRequest from(int token) {
    int from = Math.max(token, mask.from());
    return masked(TokenMask.range(Math.min(from, mask.to()), mask.to(), mask.size()));
  }
}
