import type { Frame } from './execution.ts';
import type { EventDraft, HistoryEvent } from './history.ts';

/** Gathers one transition: numbers its events and keeps each frame's own chain of them. */
export interface Draft {
  readonly at: number;
  readonly events: HistoryEvent[];
  readonly frames: Record<string, Frame | null>;
  /** @returns the id of the last of them, or `previous` */
  add(previous: number, drafts: readonly EventDraft[]): number;
}

export function draft(count: number, at: number): Draft {
  const events: HistoryEvent[] = [];
  const add = (previous: number, drafts: readonly EventDraft[]): number => {
    let last = previous;
    for (const { type, details } of drafts) {
      const id = count + events.length + 1;
      events.push({ id, previousEventId: last, timestamp: at, type, ...(details ? { details } : {}) });
      last = id;
    }
    return last;
  };
  return { at, events, frames: {}, add };
}
