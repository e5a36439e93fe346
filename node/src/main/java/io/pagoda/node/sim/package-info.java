/** Policies and capacities tried on traces. */
package io.pagoda.node.sim;
