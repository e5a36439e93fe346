/**
 * What S3's protocol asks of the requests that are many or large, for plugins whose client makes
 * all others: {@link io.pagoda.remote.s3.ObjectRequests} signs and sends them over {@link
 * io.pagoda.remote.http.Wire}, with nothing on the heap but their heads.
 */
package io.pagoda.remote.s3;
