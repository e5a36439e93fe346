import org.jspecify.annotations.NullMarked;

/** What callers write. */
@NullMarked
module io.pagoda.examples {
  requires com.fasterxml.jackson.core;
  requires io.pagoda.core;
  requires java.net.http;
  requires jdk.httpserver;
  requires static org.jspecify;
}
