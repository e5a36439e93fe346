/** Running plans: one conductor owns all state; tiers and copy threads do the work. */
package io.pagoda.core.run;
