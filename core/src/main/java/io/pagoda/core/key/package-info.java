/** Block keys: what makes two prefixes the same. */
package io.pagoda.core.key;
