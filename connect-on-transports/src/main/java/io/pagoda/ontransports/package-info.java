/** Nothing: what there is here are tests of core together with transports. */
package io.pagoda.ontransports;
