/** A tier in files. */
package io.pagoda.tier.ssd;
