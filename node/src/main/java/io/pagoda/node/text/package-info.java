/** What people read: numbers, tables, pictures and progress. */
package io.pagoda.node.text;
