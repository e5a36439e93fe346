/** How large a store should be: what a trace says that a capacity is worth. */
package io.pagoda.node.plan;
