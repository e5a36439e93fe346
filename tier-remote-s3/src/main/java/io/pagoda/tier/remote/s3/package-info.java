/**
 * A bucket through AWS's asynchronous client: it signs, speaks S3's dialects and finds credentials.
 * The HTTP beneath it is {@link io.pagoda.remote.http}'s, so that the bytes of blocks go between
 * the socket and host memory; the SDK sees bodies that are empty.
 */
package io.pagoda.tier.remote.s3;
