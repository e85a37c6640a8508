/**
 * The versions of models in a bucket of any store that speaks S3, with a checked copy on this
 * machine. The only package that knows the S3 client, and loaded only when a bucket is configured.
 *
 * <p>Start with {@link dev.proffer.ranker.store.s3.S3Store}.
 */
@NullMarked
package dev.proffer.ranker.store.s3;

import org.jspecify.annotations.NullMarked;
