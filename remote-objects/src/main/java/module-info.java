import org.jspecify.annotations.NullMarked;

/**
 * What the tiers in object storage share: names and format of objects, look-up, retries and limits.
 * It lies in the directory of each plugin that uses it, and is no plugin itself.
 */
@NullMarked
module io.pagoda.remote.objects {
  requires transitive io.pagoda.api;

  exports io.pagoda.remote.objects;
}
