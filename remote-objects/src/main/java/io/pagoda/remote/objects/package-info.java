/**
 * A tier in object storage, but for the client that speaks to the server.
 *
 * <p>A plugin implements {@link io.pagoda.remote.objects.Bucket} over its client: read a range of
 * an object, write one, look for one, list, delete; and says of each failure what {@linkplain
 * io.pagoda.remote.objects.ObjectFailure.Kind kind} it is. All else is here.
 *
 * <p>The bytes of blocks pass no array: a {@link io.pagoda.remote.objects.Download} is where they
 * go and an {@link io.pagoda.remote.objects.Upload} where they come from, both in native memory.
 * Each stands for one try at a request; when a try is given up its memory is taken from it, so that
 * a client that goes on, or hangs, cannot touch what is somebody else's by then.
 *
 * <p>A bucket does each request once. When to try again, where to go on, how many requests run and
 * how long one may take is decided here, alike for every client.
 */
package io.pagoda.remote.objects;
