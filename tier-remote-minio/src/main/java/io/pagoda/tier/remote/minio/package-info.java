/**
 * A bucket through the client of MinIO, which lists, deletes, and begins and ends writes in parts;
 * the bytes of blocks go beside it by {@link io.pagoda.remote.http}, between the socket and host
 * memory.
 */
package io.pagoda.tier.remote.minio;
