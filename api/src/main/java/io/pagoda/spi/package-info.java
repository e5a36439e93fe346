/** What every plugin shares: how it is found, configured and judged available. */
package io.pagoda.spi;
