/** From a configuration and plugins to a running store. */
package io.pagoda.core.deploy;
