/** The tier graph: which tiers there are, and which roads between them the engine may take. */
package io.pagoda.core.graph;
