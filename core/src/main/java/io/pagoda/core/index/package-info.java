/** The index: which block is where, and who holds it there. */
package io.pagoda.core.index;
