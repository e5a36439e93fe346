/** Policies that order blocks by age, by their last use, or by how often they were used. */
package io.pagoda.eviction.classic;
