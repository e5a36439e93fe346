import org.jspecify.annotations.NullMarked;

/**
 * What the tiers in object storage share: names and format of objects, look-up, retries and limits.
 * It lies in the directory of each plugin that uses it, and is no plugin itself.
 */
@NullMarked
@SuppressWarnings("requires-automatic") // LZ4 has no descriptor
module io.pagoda.remote.objects {
  requires transitive io.pagoda.api;
  requires com.github.luben.zstd_jni;
  requires org.lz4.java;

  exports io.pagoda.remote.http;
  exports io.pagoda.remote.objects;
  exports io.pagoda.remote.s3;
}
