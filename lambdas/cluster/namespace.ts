import { setTimeout as sleep } from 'node:timers/promises';
import { Superseded } from '../domain/errors.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import { generationOf } from '../domain/health/judge.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import type { ObjectRef } from '../domain/object-ref.ts';
import type { OperationKind } from '../domain/operation.ts';
import type { KubernetesClient } from './client.ts';
import { isRefusal } from './errors.ts';
import { ownLabels, type Target } from './prepare-objects.ts';
import { rejection } from './rejections.ts';

export const namespaceRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Namespace', name });

const policy = 'pod-security.kubernetes.io/enforce';

/** Whose namespace is to be made or raised, and what for. */
export interface Claimant {
  target: Target;
  installation: string;
  operation: Extract<OperationKind, 'deploy' | 'teardown'>;
  /** which change is deployed, for whoever looks at the cluster */
  commit?: string | undefined;
}

const namespaceOf = ({ target, installation, operation, commit }: Claimant): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: target.namespace,
    labels: { ...ownLabels(target.staging), [markers.installation]: installation, [policy]: 'baseline' },
    annotations: {
      [markers.generation]: String(target.generation),
      [markers.operation]: operation,
      ...(commit === undefined ? {} : { [markers.commit]: commit }),
    },
  },
});

/** Whether the namespace is this installation's, and this staging's. */
export const isOurs = (namespace: KubernetesObject, target: Pick<Target, 'staging'>, installation: string): boolean =>
  namespace.metadata.labels?.[markers.managedBy] === markers.managedByValue &&
  namespace.metadata.labels?.[markers.installation] === installation &&
  namespace.metadata.labels?.[markers.staging] === target.staging;

/**
 * The fence in the cluster: the namespace has the generation of whoever writes into it. Of somebody else's namespace the
 * generation says nothing, so whose it is is to be asked first.
 * @throws Superseded where that is a newer one
 */
export function refuseNewer(namespace: KubernetesObject | undefined, generation: number): void {
  const found = namespace ? generationOf(namespace) : 0;
  if (found > generation) throw new Superseded(generation, found);
}

/** @throws ApplyRejected where the namespace is somebody else's, whether it stays or goes */
export function refuseOthers(
  namespace: KubernetesObject | undefined,
  { target, installation }: Omit<Claimant, 'operation'>,
): void {
  if (!namespace || isOurs(namespace, target, installation)) return;
  throw new ApplyRejected(`Namespace/${target.namespace}: exists already, and isn't this installation's`);
}

/** Tries at a namespace that changes between our read and our write: its controllers touch it when it is made. */
const tries = 10;

/** Between two looks at a namespace that is going away. */
const pause = 250;

/** What came of a namespace: it was made, it was there, or an earlier one is still going away. */
export type Ensured = 'made' | 'there' | 'going';

/**
 * Makes the staging's namespace, or raises its generation. `going` where an earlier one is still going away when the
 * signal is aborted: then the step goes on in its next invocation.
 * @throws ApplyRejected where the namespace is somebody else's, Superseded
 */
export async function ensureNamespace(
  client: KubernetesClient,
  claimant: Claimant,
  signal: AbortSignal,
): Promise<Ensured> {
  const { target } = claimant;
  for (let attempt = 0; attempt < tries; ) {
    const found = await client.get(namespaceRef(target.namespace));
    refuseOthers(found, claimant);
    refuseNewer(found, target.generation);
    if (found?.metadata.deletionTimestamp !== undefined) {
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return 'going';
      continue;
    }
    attempt += 1;
    if (await write(client, claimant, found)) return found ? 'there' : 'made';
  }
  throw new ApplyRejected(`Namespace/${target.namespace}: changes all the time`);
}

/** Takes back a namespace that was just made and that nobody has taken up since. */
export async function unmakeNamespace(client: KubernetesClient, claimant: Claimant): Promise<void> {
  const { target } = claimant;
  const ref = namespaceRef(target.namespace);
  const found = await client.get(ref);
  if (!found || generationOf(found) !== target.generation) return;
  // The admission policy lets only a teardown delete it.
  const { metadata } = await client.apply(withVersion(namespaceOf({ ...claimant, operation: 'teardown' }), found));
  await client.remove(ref, { uid: metadata.uid, resourceVersion: metadata.resourceVersion });
}

/** False where it changed meanwhile. */
async function write(
  client: KubernetesClient,
  claimant: Claimant,
  found: KubernetesObject | undefined,
): Promise<boolean> {
  const wanted = namespaceOf(claimant);
  try {
    if (!found) await client.create(wanted);
    else if (isBehind(found, wanted)) await client.apply(withVersion(wanted, found));
    return true;
  } catch (error) {
    if (isRefusal(error, 409)) return false;
    throw rejection(error, wanted);
  }
}

/** Whether its generation is an older one's, or somebody took its marks away. */
const isBehind = (found: KubernetesObject, wanted: KubernetesObject): boolean =>
  generationOf(found) < generationOf(wanted) ||
  found.metadata.annotations?.[markers.operation] !== wanted.metadata.annotations?.[markers.operation];

/** Applied only to the state that was read, so that a late writer can't lower the generation. */
export const withVersion = (wanted: KubernetesObject, { metadata }: KubernetesObject): KubernetesObject => ({
  ...wanted,
  metadata: {
    ...wanted.metadata,
    ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
  },
});
