package dev.proffer.pipeline;

/** How much is done for an answer. */
public enum Effort {
  /** Everything, however long it takes: not on an event loop. */
  WHOLE,
  /**
   * Everything but what takes longer than an event loop may wait: sources that ask an index, models
   * that are not compiled.
   */
  QUICK,
  /** As quick, and rules rank, whatever models there are. */
  CHEAP
}
