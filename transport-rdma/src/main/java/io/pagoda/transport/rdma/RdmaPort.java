package io.pagoda.transport.rdma;

import java.net.InetSocketAddress;

/**
 * A device, and where peers reach it.
 *
 * @param device what it is called
 * @param address of this machine, of the network interface that it belongs to
 */
record RdmaPort(String device, InetSocketAddress address) {}
