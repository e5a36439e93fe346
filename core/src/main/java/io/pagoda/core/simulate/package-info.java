/** What stores would do, without bytes: policies and graphs are tried on traces. */
package io.pagoda.core.simulate;
