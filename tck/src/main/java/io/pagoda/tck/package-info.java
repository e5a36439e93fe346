/** The contracts of the SPIs as tests that a plugin runs against itself. */
package io.pagoda.tck;
