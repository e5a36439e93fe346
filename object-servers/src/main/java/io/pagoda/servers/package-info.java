/**
 * Servers that speak S3, for tests, each a process of its own on loopback: {@link
 * io.pagoda.servers.ServerKind} says which there are and why one cannot be had here. Between a
 * client and a server may stand a {@link io.pagoda.servers.FaultProxy}.
 */
@NullMarked
package io.pagoda.servers;

import org.jspecify.annotations.NullMarked;
