package io.pagoda.servers;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what happens to each request. Called from several threads at once. */
@FunctionalInterface
public interface Script {
  /** {@return what happens to a request} */
  Fault fault(Asked asked);

  /**
   * A request, as a proxy sees it.
   *
   * @param number how many the proxy had seen before it
   * @param method such as {@code GET}
   * @param target path and query
   * @param headers by their names in small letters
   */
  record Asked(long number, String method, String target, Map<String, String> headers) {
    /** {@return the value of a header, by its name in small letters} */
    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }
  }

  /** {@return the same for all} */
  static Script always(Fault fault) {
    return _ -> fault;
  }

  /** {@return each for one request, in the order in which they come; then nothing} */
  static Script inOrder(Fault... faults) {
    Iterator<Fault> left = List.of(faults).iterator();
    return _ -> {
      synchronized (left) {
        return left.hasNext() ? left.next() : Fault.NONE;
      }
    };
  }

  /** {@return this one for requests of a method, and nothing for others} */
  default Script only(String method) {
    return asked -> asked.method().equals(method) ? fault(asked) : Fault.NONE;
  }
}
