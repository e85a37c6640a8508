/**
 * HTTP: bodies in, answers out, and the one list of what can go wrong with a request. The contract
 * is {@code openapi.yaml}; the hot routes read their bodies with our own streaming parser, and the
 * tests hold every request and response against the contract.
 *
 * <p>Start with {@link dev.proffer.gateway.http.PublicVerticle}.
 */
@NullMarked
package dev.proffer.gateway.http;

import org.jspecify.annotations.NullMarked;
