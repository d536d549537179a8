import { setTimeout as sleep } from 'node:timers/promises';
import { definitionHealth } from '../domain/health/declared.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import { at, listAt, textAt } from '../domain/health/fields.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { refOf } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterBusy } from './errors.ts';

interface Waiting {
  client: KubernetesClient;
  signal: AbortSignal;
}

/** A definition takes a moment to be served; half a minute is far beyond it. */
const patience = 30_000;

/** Between two looks at what is served, which follows within a tenth of a second. */
const pause = 50;

/**
 * Waits until objects of a defined kind can be written. The API server tells that a definition is established before its
 * discovery has heard of the kind, so both are waited for.
 * @throws ApplyRejected where it never is; ClusterBusy where the signal is aborted before
 */
export async function awaitServed({ client, signal }: Waiting, definition: KubernetesObject): Promise<void> {
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const isServed =
    (await isEstablished({ client, signal: isOver }, definition)) &&
    (await isDiscovered({ client, signal: isOver }, definition));
  if (isServed) return;
  if (signal.aborted) throw new ClusterBusy(`${describeObject(definition)}: is not established yet`);
  throw new ApplyRejected(`${describeObject(definition)}: is not established after ${patience / 1000} s`);
}

async function isEstablished({ client, signal }: Waiting, definition: KubernetesObject): Promise<boolean> {
  const { apiVersion, kind, name } = refOf(definition);
  const stop = new AbortController();
  const isOver = AbortSignal.any([signal, stop.signal]);
  try {
    for await (const event of client.watch(apiVersion, kind, { fieldSelector: `metadata.name=${name}` }, isOver)) {
      const objects = event.type === 'snapshot' ? event.objects : event.type === 'changed' ? [event.object] : [];
      const states = objects
        .filter((object) => object.metadata.name === name)
        .map((object) => definitionHealth(object, { of: () => [], now: 0 }));
      const failure = states.find((health) => health.state === 'failed');
      if (failure) throw new ApplyRejected(`${describeObject(definition)}: ${failure.message}`);
      if (states.some(({ state }) => state === 'ready')) return true;
    }
    return false;
  } finally {
    stop.abort();
  }
}

async function isDiscovered({ client, signal }: Waiting, definition: KubernetesObject): Promise<boolean> {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const kind = textAt(definition, 'spec', 'names', 'kind') ?? '';
  const served = listAt(definition, 'spec', 'versions').filter((version) => at(version, 'served') === true);
  for (const version of served) {
    while (!(await client.discovery.find(`${group}/${textAt(version, 'name') ?? ''}`, kind))) {
      if (signal.aborted) return false;
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
  return true;
}
