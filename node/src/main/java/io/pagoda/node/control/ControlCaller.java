package io.pagoda.node.control;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells a node what to do.
 *
 * @param socket where it listens
 */
public record ControlCaller(Path socket) {
  /**
   * Says words, and waits for the answer.
   *
   * @return what the node says of it
   * @throws PagodaException if it refuses, with what it says
   * @throws IOException if nobody listens, or this user may not ask
   */
  public List<String> ask(List<String> words) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Lines.writeWords(channel, words);
      Lines.Answer answer = Lines.readAnswer(channel);
      if (!answer.well()) {
        throw new PagodaException(Fault.PERMANENT, String.join("\n", answer.lines()));
      }
      return answer.lines();
    } catch (IOException e) {
      throw new IOException(
          ("no answer from a node at %s: %s; 'pagoda run --control %s' starts one that listens "
              + "there").formatted(socket, e.getMessage(), socket),
          e);
    }
  }
}
