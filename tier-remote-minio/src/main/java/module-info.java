import io.pagoda.spi.tier.TierProvider;
import io.pagoda.tier.remote.minio.MinioTierProvider;
import org.jspecify.annotations.NullMarked;

/** The {@code minio} tier: blocks as objects of a bucket, by the client of MinIO. */
@NullMarked
@SuppressWarnings("requires-automatic") // MinIO's client has no descriptor
module io.pagoda.tier.remote.minio {
  // The version of the api that a plugin was compiled against is recorded here.
  requires io.pagoda.api;
  requires io.pagoda.remote.objects;
  requires minio;
  requires okhttp3;
  // The client's own: an automatic module cannot ask for them.
  requires com.fasterxml.jackson.databind;
  requires com.google.common;
  requires kotlin.stdlib;
  requires okio;

  provides TierProvider with
      MinioTierProvider;
}
