/** Models: what is known of those that everybody knows, and what their own files tell. */
package io.pagoda.core.model;
