package io.pagoda.remote.http;

import java.util.List;
import java.util.Optional;

/**
 * A response.
 *
 * @param status such as 200
 * @param reason what the server says to that
 * @param headers names and values in turns
 * @param body empty if it went to memory
 */
public record WireResponse(int status, String reason, List<String> headers, byte[] body) {
  /** Copies the headers. */
  public WireResponse {
    headers = List.copyOf(headers);
  }

  /** {@return the first header of a name, whatever its case} */
  public Optional<String> header(String name) {
    for (int i = 0; i < headers.size(); i += 2) {
      if (headers.get(i).equalsIgnoreCase(name)) {
        return Optional.of(headers.get(i + 1));
      }
    }
    return Optional.empty();
  }

  WireResponse with(byte[] itsBody) {
    return new WireResponse(status, reason, headers, itsBody);
  }
}
