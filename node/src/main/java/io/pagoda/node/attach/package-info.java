/** An inference engine in another process: what it asks for, and what it is answered. */
package io.pagoda.node.attach;
