/** The request trace: a store that writes down what it is asked, and what became of it. */
package io.pagoda.core.trace;
