/** A tier whose slots are one range of host memory. */
package io.pagoda.tier.cpu;
