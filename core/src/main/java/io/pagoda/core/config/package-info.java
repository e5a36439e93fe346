/**
 * Configuration: HOCON in, {@link io.pagoda.spi.Settings} out. Nothing else sees the HOCON library.
 */
package io.pagoda.core.config;
