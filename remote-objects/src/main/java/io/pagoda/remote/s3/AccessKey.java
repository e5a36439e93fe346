package io.pagoda.remote.s3;

/**
 * Who asks, and what proves it.
 *
 * @param id the key's name
 * @param secret what requests are signed with
 * @param sessionToken empty unless the key is one for a while
 */
public record AccessKey(String id, String secret, String sessionToken) {
  /** Secrets are not for logs. */
  @Override
  public String toString() {
    return "access key " + id;
  }
}
