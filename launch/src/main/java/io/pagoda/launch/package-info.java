/**
 * Starts the product in two layers: the api with the JDK, where plugins are put upon, and beside
 * the plugins the host with its libraries, which they do not see.
 */
package io.pagoda.launch;
