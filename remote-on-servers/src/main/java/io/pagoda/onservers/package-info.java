/** Nothing: what there is here are tests of the tiers in object storage with real servers. */
package io.pagoda.onservers;
