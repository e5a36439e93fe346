/** Nothing: what there is here are tests of the engine together with a GPU. */
package io.pagoda.ongpu;
