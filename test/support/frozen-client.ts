import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { type ObjectRef, refOf } from '../../lambdas/domain/object-ref.ts';
import type { aDeployer } from './deploys.ts';

export type WriteRequest = 'annotate' | 'apply' | 'create' | 'remove';

/** A client that is frozen at its writes from the first that is asked for on: they are sent when the test lets them go. */
export function frozenAt(client: KubernetesClient, isIt: (ref: ObjectRef, request: WriteRequest) => boolean) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const passing = async (ref: ObjectRef, request: WriteRequest): Promise<void> => {
    if (!isIt(ref, request)) return;
    reached.resolve();
    await released.promise;
  };
  const frozen: KubernetesClient = {
    ...client,
    annotate: (ref, ...given) => passing(ref, 'annotate').then(() => client.annotate(ref, ...given)),
    create: (object) => passing(refOf(object), 'create').then(() => client.create(object)),
    apply: (object) => passing(refOf(object), 'apply').then(() => client.apply(object)),
    remove: (ref, removal) => passing(ref, 'remove').then(() => client.remove(ref, removal)),
  };
  return { client: frozen, reached: reached.promise, release: () => released.resolve() };
}

/** The deps of an execution that is frozen together with all it knows: record and rendering are what they were. */
export function outdated(deployer: ReturnType<typeof aDeployer>, client: KubernetesClient, name: string) {
  const staging = deployer.staging(name);
  const { render } = deployer.deps;
  const rendered = render({ isUpgrade: true } as Parameters<typeof render>[0]);
  return { ...deployer.deps, connect: () => client, stagings: { get: async () => staging }, render: () => rendered };
}

/** How it ended: `done`, or the error's name. */
export const endOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: Error) => error.name,
  );
