import type { Clock } from '../clock.ts';
import { stringAt } from './json.ts';
import type { ObjectStore } from './object-store.ts';
import type { ServedResources } from './resources.ts';
import { controllerUser } from './write-context.ts';

/** As long as a real API server keeps events by default. */
const lifetime = 60 * 60 * 1000;
const interval = 10 * 60 * 1000;

/** Deletes events that have not been seen for an hour. @returns ends the work */
export function forgetEvents(store: ObjectStore, resources: ServedResources, clock: Clock): () => void {
  const events = resources.builtIn('v1', 'Event');
  const sweep = (): void => {
    for (const stored of store.table.list(events)) {
      const seen = stringAt(stored.object, 'lastTimestamp') ?? stored.object.metadata.creationTimestamp ?? '';
      if (clock.now() - Date.parse(seen) > lifetime) store.delete(stored, { user: controllerUser });
    }
    stop = clock.after(interval, sweep);
  };
  let stop = clock.after(interval, sweep);
  return () => stop();
}
