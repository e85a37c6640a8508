/**
 * What was served, computed again from the log.
 *
 * <p>Start with {@link dev.proffer.offline.audit.FeatureAudit}.
 */
@NullMarked
package dev.proffer.offline.audit;

import org.jspecify.annotations.NullMarked;
