import { randomBytes } from 'node:crypto';
import { isRefusal } from '../../../lambdas/cluster/errors.ts';
import type { EventRecorder } from '../../../lib/local/cluster/controllers/event-recorder.ts';
import type { Api } from '../api.ts';

type EventToRecord = Parameters<EventRecorder['record']>[0];

const timestamp = (): string => new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');

/** A namespace that is terminating or gone takes no Events, as any kubelet finds out. */
const isTooLate = (error: unknown): boolean => isRefusal(error, 403) || isRefusal(error, 404);

/** Events of one pod are remembered this long after its last one, so that the same one again raises its count. */
const remembered = 10 * 60_000;

const bodyOf = ({ about, type, reason, message, component, host, fieldPath }: EventToRecord, name: string) => {
  const { namespace, name: aboutName, uid, resourceVersion } = about.metadata;
  const now = timestamp();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind: about.kind,
      apiVersion: about.apiVersion,
      name: aboutName,
      namespace,
      uid,
      resourceVersion,
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    type,
    reason,
    message,
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
};

/** Records Events at the API server as kubelets do: in order for each object, the same one again as a higher count. */
export function createEventWrites({ transport }: Api, onError: (error: unknown) => void): EventRecorder {
  const lines = new Map<string, Promise<void>>();
  const known = new Map<string, { name: string; count: number; at: number }>();

  function forgetOld(): void {
    const now = Date.now();
    for (const [id, { at }] of known) {
      if (now - at < remembered) return;
      known.delete(id);
    }
  }

  async function write(id: string, event: EventToRecord): Promise<void> {
    const path = `/api/v1/namespaces/${event.about.metadata.namespace}/events`;
    const query = { fieldManager: 'kubelet' };
    const before = known.get(id);
    known.delete(id);
    const name = before?.name ?? `${event.about.metadata.name}.${randomBytes(8).toString('hex')}`;
    const count = (before?.count ?? 0) + 1;
    if (before === undefined) await transport.json({ method: 'POST', path, query, body: bodyOf(event, name) });
    else {
      const contentType = 'application/merge-patch+json';
      const body = { count, lastTimestamp: timestamp() };
      await transport.json({ method: 'PATCH', path: `${path}/${name}`, query, contentType, body });
    }
    known.set(id, { name, count, at: Date.now() });
  }

  return {
    record(event) {
      forgetOld();
      const { about, type, reason, message, fieldPath } = event;
      const uid = about.metadata.uid ?? '';
      const id = JSON.stringify([uid, type, reason, message, fieldPath]);
      const line = (lines.get(uid) ?? Promise.resolve())
        .then(() => write(id, event))
        .catch((error: unknown) => (isTooLate(error) ? undefined : onError(error)));
      lines.set(uid, line);
      void line.then(() => (lines.get(uid) === line ? lines.delete(uid) : undefined));
    },
  };
}
