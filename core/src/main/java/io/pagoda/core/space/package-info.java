/** Slots: which are free, and who has to leave when none is. */
package io.pagoda.core.space;
