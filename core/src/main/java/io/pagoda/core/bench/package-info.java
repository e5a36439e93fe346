/** Measures the engine's own work, without a tier and without bytes. */
package io.pagoda.core.bench;
