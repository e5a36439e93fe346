/** What an engine tells of itself: counts, times, and events of the flight recorder. */
package io.pagoda.core.observe;
