/** The pagoda command. */
package io.pagoda.node;
