/** The contract of a one-sided transport between machines. */
package io.pagoda.spi.transport;
