import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { claimProtection } from '../admission/claim-protection.ts';
import type { Control, Controller, Key } from './control.ts';
import { tryToCreate } from './creating.ts';
import { itself, keyOf } from './owners.ts';
import { asPod, type Pod } from './pod-view.ts';
import { milliseconds } from './timestamps.ts';
import { Metadata, orElse, type Viewed, viewOf } from './view.ts';
import { writeStatus } from './write-status.ts';

const Claim = z.object({
  metadata: Metadata,
  spec: z.object({
    accessModes: orElse(z.array(z.string()), []),
    storageClassName: z.string().nullish(),
    volumeName: z.string().nullish(),
    volumeMode: orElse(z.string(), 'Filesystem'),
    resources: z.object({ requests: orElse(z.record(z.string(), z.unknown()), {}) }),
  }),
});
type Claim = Viewed<typeof Claim>;
const asClaim = viewOf(Claim);

const component = 'persistentvolume-controller';
const provisioner = 'rancher.io/local-path';
const defaultClass = 'storageclass.kubernetes.io/is-default-class';

/** Binds claims to volumes made for them, and takes the volumes away with them. */
export function volumeClaimController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'volumeclaim',
    watches: {
      PersistentVolumeClaim: (event) => (event.type === 'DELETED' ? [volumeKey(event.object)] : itself(event)),
      PersistentVolume: itself,
      StorageClass: () => storage.list(kinds.claim).map(keyOf),
      Pod: ({ object }) => claimsOf(object),
    },
    reconcile({ namespace, name }) {
      if (namespace === '') return keepVolume(control, name);
      const stored = storage.get(kinds.claim, namespace, name);
      if (stored === undefined) return undefined;
      const claim = asClaim(stored);
      return stored.metadata.deletionTimestamp === undefined ? bind(control, claim) : letGo(control, claim);
    },
  };
}

const volumeKey = (claim: KubernetesObject): Key => ({ namespace: '', name: volumeNameOf(asClaim(claim)) });

function claimsOf(object: KubernetesObject): Key[] {
  const { spec, metadata } = asPod(object);
  return spec.volumes.flatMap(({ persistentVolumeClaim: claim }) =>
    claim ? [{ namespace: metadata.namespace, name: claim.claimName }] : [],
  );
}

const PersistentVolume = z.object({
  spec: z.object({ claimRef: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }).nullish() }),
});

/** A volume goes with the claim that it was made for. */
function keepVolume({ storage, kinds }: Control, name: string): undefined {
  const volume = storage.get(kinds.volume, undefined, name);
  const { claimRef } = volume === undefined ? {} : PersistentVolume.parse(volume).spec;
  if (!claimRef) return;
  const claim = storage.get(kinds.claim, claimRef.namespace, claimRef.name);
  if (claim?.metadata.uid !== claimRef.uid) storage.remove(kinds.volume, undefined, name);
}

const volumeNameOf = (claim: Claim): string => claim.spec.volumeName || `pvc-${claim.metadata.uid}`;

const say = ({ events }: Control, { raw }: Claim, type: 'Normal' | 'Warning', reason: string, message: string): void =>
  events.record({ about: raw, type, reason, message, component });

const StorageClass = z.object({
  metadata: Metadata,
  volumeBindingMode: orElse(z.string(), 'Immediate'),
  reclaimPolicy: orElse(z.string(), 'Delete'),
});

/** The class of a claim: the named one, or the default. `undefined` where there is none. */
function classOf({ storage, kinds }: Control, { spec }: Claim): z.infer<typeof StorageClass> | undefined {
  if (spec.storageClassName != null) {
    const named = storage.get(kinds.storageClass, undefined, spec.storageClassName);
    return named === undefined ? undefined : StorageClass.parse(named);
  }
  return storage
    .list(kinds.storageClass)
    .map((object) => StorageClass.parse(object))
    .find(({ metadata }) => metadata.annotations[defaultClass] === 'true');
}

function bind(control: Control, claim: Claim): number | undefined {
  if (isBound(claim)) return undefined;
  const storageClass = classOf(control, claim);
  if (storageClass === undefined) return pending(control, claim, noClass(claim));
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && usersOf(control, claim).length === 0)
    return pending(control, claim, [
      'Normal',
      'WaitForFirstConsumer',
      'waiting for first consumer to be created before binding',
    ]);
  const wait = milliseconds(claim.metadata.creationTimestamp) + control.timings.bind - control.clock.now();
  if (wait > 0) {
    pending(control, claim, undefined);
    return wait;
  }
  provision(control, claim, storageClass);
  return undefined;
}

const isBound = ({ raw }: Claim): boolean =>
  z.looseObject({ phase: z.literal('Bound') }).safeParse(raw['status']).success;

const noClass = ({ spec }: Claim): ['Normal' | 'Warning', string, string] =>
  spec.storageClassName
    ? ['Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${spec.storageClassName}" not found`]
    : ['Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set'];

function pending(control: Control, claim: Claim, event: ['Normal' | 'Warning', string, string] | undefined): undefined {
  if (event !== undefined) say(control, claim, ...event);
  writeStatus(control, claim.raw, { phase: 'Pending' });
}

/** The pods with this claim. */
const usersOf = ({ storage, kinds }: Control, { metadata }: Claim): Pod[] =>
  storage
    .list(kinds.pod, metadata.namespace)
    .map(asPod)
    .filter(({ spec }) =>
      spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
    );

/** A claim that is deleted stays for as long as a pod with it is on a node, whether that pod runs or has ended. */
function letGo(control: Control, claim: Claim): undefined {
  const { raw, metadata } = claim;
  const isInUse = usersOf(control, claim).some(({ spec }) => spec.nodeName);
  if (isInUse || !metadata.finalizers.includes(claimProtection)) return;
  const finalizers = metadata.finalizers.filter((name) => name !== claimProtection);
  control.storage.update({ ...raw, metadata: { ...raw.metadata, finalizers } });
}

function provision(control: Control, claim: Claim, storageClass: z.infer<typeof StorageClass>): void {
  const name = volumeNameOf(claim);
  const { accessModes, volumeMode, resources } = claim.spec;
  const capacity = { storage: resources.requests['storage'] ?? '1Gi' };
  const { namespace, uid } = claim.metadata;
  const created = tryToCreate(control, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      accessModes,
      volumeMode,
      capacity,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim.metadata.name, uid },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      hostPath: { path: `/var/lib/volumes/${name}` },
    },
    status: { phase: 'Bound' },
  });
  if (created === undefined)
    say(control, claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
  const bound = control.storage.update(withVolume(claim, name));
  writeStatus(control, bound, { phase: 'Bound', accessModes, capacity });
}

/** Nothing else of a claim's spec may change. */
function withVolume({ raw }: Claim, volumeName: string): KubernetesObject {
  const annotations = {
    ...raw.metadata.annotations,
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    'volume.kubernetes.io/storage-provisioner': provisioner,
  };
  const stored = z.record(z.string(), z.unknown()).parse(raw['spec']);
  return {
    ...raw,
    metadata: { ...raw.metadata, annotations },
    spec: { ...stored, volumeName },
  };
}
