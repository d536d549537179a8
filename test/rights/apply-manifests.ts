import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { KubernetesError } from '../../lambdas/cluster/errors.ts';
import { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { clusterManifests } from '../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { until } from '../control-plane/furnish.ts';
import { type Installation, installations } from './eks-side.ts';

/**
 * A file with manifests of the installation `berth` to apply in the place of those that ship: with a rule taken out of it, the
 * tests that are about the rule have to fail.
 */
const instead = process.env['RIGHTS_MANIFESTS'];

const manifestsOf = (installation: Installation): string =>
  instead && installation === 'berth' ? readFileSync(instead, 'utf8') : clusterManifests(installation);

/** A server looks for new policies once a second, and compiles them; a loaded machine needs a multiple. */
const inForceWithin = 30_000;

/** Applies what ships as an operator does, and waits until the API server goes by it. */
export async function applyManifests(operator: KubernetesClient): Promise<void> {
  const documents = installations.flatMap((each) => parseAllDocuments(manifestsOf(each)));
  for (const document of documents) await operator.apply(KubernetesObject.parse(document.toJS()));
  await untilInForce(operator);
}

const group = 'admissionregistration.k8s.io';

/** A policy that is applied last is in force last: the server takes up all that it knows of at once. */
async function untilInForce(operator: KubernetesClient): Promise<void> {
  const named = (kind: string, spec: object): KubernetesObject => ({
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name: 'the-last' },
    spec,
  });
  const policy = named('ValidatingAdmissionPolicy', {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'], operations: ['UPDATE'] }],
    },
    matchConditions: [{ name: 'one', expression: "request.name == 'the-last'" }],
    validations: [{ expression: 'false', message: 'is in force' }],
  });
  const binding = named('ValidatingAdmissionPolicyBinding', { policyName: 'the-last', validationActions: ['Deny'] });
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'the-last', namespace: 'default' } };
  await operator.apply(map);
  await operator.apply(policy);
  await operator.apply(binding);
  let turn = 0;
  await until('the policies', Date.now() + inForceWithin, async () => {
    try {
      await operator.apply({ ...map, data: { turn: String((turn += 1)) } });
      return false;
    } catch (error) {
      if (error instanceof KubernetesError && error.message.endsWith('is in force')) return true;
      throw error;
    }
  });
}
