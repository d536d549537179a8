import { isJsonObject, type Json } from '../json.ts';
import { StateError } from '../state-error.ts';
import { type Emit, eventOf } from '../status-event.ts';
import type { Resource } from './resource.ts';

interface Sources {
  emit: Emit;
  now: () => number;
  newId: () => string;
}

/** Puts events on a bus; the execution is named among each event's resources, as the real integration does. */
export const putEventsResource = ({ emit, now, newId }: Sources): Resource => ({
  fields: ['Entries'],
  async call(given, { executionArn }) {
    const entries = isJsonObject(given) ? given['Entries'] : undefined;
    if (!Array.isArray(entries)) throw new StateError('States.Runtime', 'Entries has to be an array');
    const ids: string[] = [];
    for (const entry of entries) {
      const { source, type, detail, bus } = readEntry(entry);
      const event = eventOf({ arn: executionArn, source, type, detail, at: now(), id: newId() });
      await emit(event, bus);
      ids.push(event.id);
    }
    return { Entries: ids.map((EventId) => ({ EventId })), FailedEntryCount: 0 };
  },
});

function readEntry(entry: Json): { source: string; type: string; detail: Json; bus?: string } {
  const { Source, DetailType, Detail, EventBusName } = isJsonObject(entry) ? entry : {};
  if (typeof Source !== 'string' || typeof DetailType !== 'string' || Detail === undefined) {
    throw new StateError('States.Runtime', 'an entry needs Source, DetailType and Detail');
  }
  const detail: Json = typeof Detail === 'string' ? JSON.parse(Detail) : Detail;
  return {
    source: Source,
    type: DetailType,
    detail,
    ...(typeof EventBusName === 'string' ? { bus: EventBusName } : {}),
  };
}
