/**
 * HTTP/1.1 that moves bodies between sockets and native memory with nothing in between.
 *
 * <p>A {@link io.pagoda.remote.http.Wire} has connections; an exchange takes one, in a virtual
 * thread of its own, writes head and body, reads head and body, and puts it back. Bodies of blocks
 * are an {@link io.pagoda.remote.objects.Upload} and a {@link
 * io.pagoda.remote.objects.Download}: the kernel reads and writes that memory. Every other body is
 * a small array.
 */
package io.pagoda.remote.http;
