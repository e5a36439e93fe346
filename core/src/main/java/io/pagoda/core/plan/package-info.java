/** Plans: which blocks move where, and after what. Pure: no clock, no thread, no I/O. */
package io.pagoda.core.plan;
