package dev.proffer.events;

/** What the durable log holds. All state of a gateway is a fold over these, in log order. */
public sealed interface LogEntry permits Event, Impression, Item, Erasure, Aside {}
