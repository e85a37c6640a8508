package dev.proffer.gateway.http;

import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.features.store.SharedSequences;
import dev.proffer.gateway.live.Experiments;
import dev.proffer.gateway.live.ModelWatcher;
import dev.proffer.gateway.live.Sampler;
import dev.proffer.gateway.live.Shadow;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.gateway.ops.Health;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.pipeline.RankingSpec;
import dev.proffer.pipeline.rules.Showings;
import dev.proffer.ranker.ModelsSpec;
import org.jspecify.annotations.Nullable;

/**
 * What all loops share. Every part is safe to use from any thread.
 *
 * @param showings what users were shown, as far as this gateway remembers
 * @param shared what other gateways know too; null without Redis
 */
public record Services(
    Time time,
    EventRegistry events,
    Contracts contracts,
    CandidatesSpec candidates,
    RankingSpec ranking,
    Showings showings,
    Experiments experiments,
    ModelsSpec models,
    SequenceStore sequences,
    @Nullable SharedSequences shared,
    LogPump pump,
    Worlds worlds,
    ModelWatcher watcher,
    Metrics metrics,
    Health health,
    Sampler sampler,
    Shadow shadow,
    Limits limits) {}
