package io.pagoda.servers;

/**
 * Who a server lets in.
 *
 * @param key the access key
 * @param secret the secret key
 */
public record Credentials(String key, String secret) {
  /** Those that every server here is started with. */
  public static final Credentials TEST =
      new Credentials("PAGODATESTKEY", "pagoda-test-secret-of-40-characters-0001");
}
