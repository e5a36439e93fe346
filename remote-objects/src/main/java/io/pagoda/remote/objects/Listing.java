package io.pagoda.remote.objects;

import java.util.List;
import java.util.function.Predicate;

/**
 * Goes through the objects of a tier, page by page.
 *
 * <p><b>Threads.</b> One, which waits.
 */
final class Listing {
  private static final int PAGE = 1000;

  private final Context context;

  Listing(Context context) {
    this.context = context;
  }

  /**
   * Hands over every page, until it is enough.
   *
   * @param page returns whether to go on
   * @throws java.util.concurrent.CompletionException if a request fails
   */
  void pages(Predicate<List<Bucket.Listed>> page) {
    String root = context.names().root();
    String after = "";
    boolean more = true;
    while (more) {
      String from = after;
      Bucket.Page next = context.requests()
          .run(
              new Ask<>(
                  "A listing of " + root, false,
                  one -> context.bucket().list(root, from, PAGE, one)))
          .join();
      more = !next.objects().isEmpty() && page.test(next.objects()) && next.more();
      after = more ? next.objects().getLast().name() : "";
    }
  }
}
