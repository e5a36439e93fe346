/** Benchmarks: what is measured, against what, and what it came to. */
package io.pagoda.node.bench;
