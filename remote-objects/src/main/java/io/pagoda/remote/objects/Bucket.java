package io.pagoda.remote.objects;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * A bucket of a server, through some client: what a plugin implements. Each request is made once:
 * who implements this neither retries nor waits for long, and turns retries and time limits of its
 * client off as far as it can.
 *
 * <p><b>Threads.</b> Called from any thread, many at once; does not block. Stages complete in any
 * thread; what depends on them is short.
 *
 * <p><b>Memory.</b> Bytes go to a {@link Download} and come from an {@link Upload} through their
 * methods, which refuse once the try is {@linkplain Try#stopped given up}.
 *
 * <p><b>Failures.</b> A stage completes exceptionally with an {@link ObjectFailure}, be it wrapped
 * or not; what else it completes with is taken for transient. It also completes, soon and
 * somehow, when its try is given up. Methods do not throw.
 */
public interface Bucket extends AutoCloseable {
  /**
   * An object, as a listing tells of it.
   *
   * @param name its whole name
   * @param bytes its length
   * @param modified when it was written, in milliseconds since 1970
   */
  record Listed(String name, long bytes, long modified) {}

  /**
   * A page of a listing.
   *
   * @param objects in the order of their names
   * @param more whether there are further ones
   */
  record Page(List<Listed> objects, boolean more) {
    /** Copies the list. */
    public Page {
      objects = List.copyOf(objects);
    }
  }

  /** Asks whether the bucket is there and may be used. */
  CompletionStage<Void> check(Try one);

  /**
   * Reads an object, or the range of it that {@code into} asks for. The stage completes when every
   * byte has been handed over; a body that ends early is transient.
   */
  CompletionStage<Void> get(String name, Download into);

  /**
   * Writes an object, whole or not at all.
   *
   * @param from its bytes, and whether it is to be written only where there is none yet: the stage
   *     then fails with {@link ObjectFailure.Kind#PRECONDITION} if there is one
   */
  CompletionStage<Void> put(String name, Upload from);

  /** {@return the length of an object, or nothing if there is none} */
  CompletionStage<OptionalLong> size(String name, Try one);

  /**
   * Lists objects.
   *
   * @param prefix what their names begin with
   * @param after after which name, empty for the first
   * @param most how many at most, 1 to 1,000
   */
  CompletionStage<Page> list(String prefix, String after, int most, Try one);

  /** Deletes up to 1,000 objects; that some are not there does not matter. */
  CompletionStage<Void> delete(List<String> names, Try one);

  /** {@return the number of a write in parts, which it begins} */
  CompletionStage<String> beginParts(String name, Try one);

  /**
   * Writes a part of an object.
   *
   * @param number the part's, from 1
   * @return its tag
   */
  CompletionStage<String> putPart(String name, String parts, int number, Upload from);

  /**
   * Ends a write in parts: the object is there.
   *
   * @param tags those of the parts, in order
   * @param ifAbsent as with {@link #put}
   */
  CompletionStage<Void> endParts(
      String name, String parts, List<String> tags, boolean ifAbsent, Try one);

  /** Gives a write in parts up. */
  CompletionStage<Void> dropParts(String name, String parts, Try one);

  /** Releases the client. No request is in flight, but for tries that were given up. */
  @Override
  void close();

  /** {@return the bucket and its server, for messages} */
  @Override
  String toString();
}
