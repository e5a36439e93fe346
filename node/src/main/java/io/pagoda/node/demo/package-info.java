/** A generated workload of conversations. */
package io.pagoda.node.demo;
