/** Blocks that have outlived the process: found, put in order, and known again. */
package io.pagoda.core.revive;
