import type { Clock } from '../../clock.ts';
import type { Storage, StorageEvent } from '../storage.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Kinds } from './kinds.ts';
import type { Timings } from './timings.ts';

export interface Key {
  namespace: string;
  name: string;
}

/** What every controller works with. */
export interface Control {
  storage: Storage;
  clock: Clock;
  random: () => number;
  kinds: Kinds;
  events: EventRecorder;
  timings: Timings;
}

/** Brings objects of one kind towards what they ask for. Everything is decided from what is stored, so a restart changes nothing. */
export interface Controller {
  name: string;
  /** by kind: which of its objects to look at again after a change */
  watches: Readonly<Record<string, (event: StorageEvent) => readonly Key[]>>;
  /** Takes one object a step on; returns the milliseconds after which to look again, if time matters. */
  reconcile(key: Key): number | undefined;
}
