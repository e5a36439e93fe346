/** Traces of requests, read line by line. */
package io.pagoda.node.trace;
