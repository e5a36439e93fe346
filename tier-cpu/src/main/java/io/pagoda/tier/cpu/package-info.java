/** A tier in host memory. */
package io.pagoda.tier.cpu;
