package io.pagoda.remote.http;

import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.Upload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request.
 *
 * @param origin whom it goes to
 * @param method such as {@code GET}
 * @param target path and query, encoded
 * @param headers names and values in turns; {@code Host} and {@code Content-Length} among them
 * @param upload its body, if that is of blocks
 * @param body its body, if not; may be empty
 * @param download where the body of the response goes if it says 200 or 206, if not to an array
 */
public record WireRequest(
    Origin origin, String method, String target, List<String> headers, @Nullable Upload upload,
    byte[] body, @Nullable Download download) {
  /**
   * Whom a request goes to.
   *
   * @param host name or address
   * @param port its port
   * @param secure whether by TLS
   */
  public record Origin(String host, int port, boolean secure) {}

  /** Copies the headers. */
  public WireRequest {
    headers = List.copyOf(headers);
  }
}
