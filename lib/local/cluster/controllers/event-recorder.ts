import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../../clock.ts';
import { ApiError } from '../api-error.ts';
import type { ResourceType, Storage } from '../storage.ts';
import { timestamp } from './timestamps.ts';

interface EventToRecord {
  about: KubernetesObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** who says it, such as `kubelet` */
  component: string;
  /** node that it happened on */
  host?: string | undefined;
  /** part of the object, such as `spec.containers{web}` */
  fieldPath?: string | undefined;
}

export interface EventRecorder {
  /** Records an Event; the same one again raises its count. What the API server refuses is dropped, as real recorders do. */
  record(event: EventToRecord): void;
}

const hex = (random: () => number): string =>
  Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('');

function involved({ about, fieldPath }: EventToRecord): Record<string, unknown> {
  const { namespace, name, uid, resourceVersion } = about.metadata;
  return {
    kind: about.kind,
    apiVersion: about.apiVersion,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

const identity = ({ about, type, reason, message, component, fieldPath }: EventToRecord): string =>
  JSON.stringify([about.metadata.uid, type, reason, message, component, fieldPath]);

interface Options {
  storage: Storage;
  clock: Clock;
  random: () => number;
  resource: ResourceType;
}

function newEvent(event: EventToRecord, name: string, now: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: event.about.metadata.namespace ?? 'default' },
    involvedObject: involved(event),
    type: event.type,
    reason: event.reason,
    message: event.message,
    source: { component: event.component, ...(event.host === undefined ? {} : { host: event.host }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    eventTime: null,
    reportingComponent: event.component,
    reportingInstance: event.host ?? '',
  };
}

/** Records Events of core/v1 with the fields that kubectl and Berth read. */
export function createEventRecorder({ storage, clock, random, resource }: Options): EventRecorder {
  const known = new Map<string, { namespace: string; name: string }>();
  const identities = new Map<string, string>();
  storage.subscribe(({ type, object }) => {
    if (type === 'DELETED' && object.kind === 'Event') forget(object.metadata.name ?? '');
  });

  function forget(name: string): void {
    known.delete(identities.get(name) ?? '');
    identities.delete(name);
  }

  function remember(id: string, { metadata }: KubernetesObject): void {
    const name = metadata.name ?? '';
    known.set(id, { namespace: metadata.namespace ?? '', name });
    identities.set(name, id);
  }

  function again(id: string, now: string): boolean {
    const place = known.get(id);
    const stored = place === undefined ? undefined : storage.get(resource, place.namespace, place.name);
    if (stored === undefined) return false;
    storage.update({ ...stored, count: Number(stored['count'] ?? 1) + 1, lastTimestamp: now });
    return true;
  }

  return {
    record(event) {
      const now = timestamp(clock.now());
      const id = identity(event);
      try {
        if (again(id, now)) return;
        remember(id, storage.create(newEvent(event, `${event.about.metadata.name}.${hex(random)}`, now)));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    },
  };
}
