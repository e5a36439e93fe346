/** A decoded image that one process has and another gets, by metadata that goes over HTTP. */
package io.pagoda.examples;
