import type { KubernetesObject } from '../kubernetes-object.ts';
import { numberAt, textAt, timeOf } from './fields.ts';
import type { View } from './object-health.ts';

/** A Kubernetes event, in either of its two forms. */
export interface ClusterEvent {
  /** Kind/name */
  object: string;
  uid: string | undefined;
  reason: string;
  message: string;
  count: number;
  /** milliseconds since 1970 */
  at: number;
}

/** Reads events of `v1` as well as those that `events.k8s.io` writes into the same list. */
export function readEvent(object: KubernetesObject): ClusterEvent {
  const time =
    textAt(object, 'series', 'lastObservedTime') ?? textAt(object, 'lastTimestamp') ?? textAt(object, 'eventTime');
  return {
    object: `${textAt(object, 'involvedObject', 'kind') ?? '?'}/${textAt(object, 'involvedObject', 'name') ?? '?'}`,
    uid: textAt(object, 'involvedObject', 'uid'),
    reason: textAt(object, 'reason') ?? '',
    message: textAt(object, 'message') ?? '',
    count: numberAt(object, numberAt(object, 1, 'count'), 'series', 'count'),
    at: timeOf(time ?? object.metadata.creationTimestamp, 0),
  };
}

/** Clocks of a function, of an API server and of nodes may differ by this much. Milliseconds. */
export const skew = 5_000;

/** Whether something that a cluster tells is of an instant or later, as far as clocks can say; so is what has no time. */
export const isSince = (text: string | null | undefined, since: number): boolean => timeOf(text, since) >= since - skew;

/** What is told of a pod on its way to a node and to its volumes, and is over once it has an address. */
const beforeAddress: ReadonlySet<string> = new Set(['FailedScheduling', 'FailedAttachVolume', 'FailedMount']);

const isOver = ({ reason }: ClusterEvent, object: KubernetesObject): boolean =>
  beforeAddress.has(reason) && textAt(object, 'status', 'podIP') !== undefined;

/** Warnings about one object since an instant, but for those about what it has got over since. */
export const warningsAbout = (view: View, object: KubernetesObject, since: number): ClusterEvent[] =>
  view
    .of('Event')
    .map(readEvent)
    .filter(({ uid, at }) => uid !== undefined && uid === object.metadata.uid && at >= since - skew)
    .filter((event) => !isOver(event, object));

/** Warnings since an instant about an object of which no more than Kind/name is known, the latest last. */
export const warningsNamed = (view: View, name: string, since: number): ClusterEvent[] =>
  view
    .of('Event')
    .map(readEvent)
    .filter(({ object, at }) => object === name && at >= since - skew)
    .toSorted((a, b) => a.at - b.at);
