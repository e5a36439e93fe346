/** The engine's door: a store over a tier graph. */
package io.pagoda.core;
