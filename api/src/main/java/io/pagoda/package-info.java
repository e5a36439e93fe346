/** The words: blocks and their keys, engine memory, and the store that moves one into the other. */
package io.pagoda;
