import { run } from '@bufbuild/cel';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { clusterManifests } from '../../../lib/cloud/cluster-manifests/cluster-manifests.ts';

const Policy = z.object({
  kind: z.literal('ValidatingAdmissionPolicy'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    failurePolicy: z.literal('Fail'),
    matchConditions: z.array(z.object({ expression: z.string() })).default([]),
    variables: z.array(z.object({ name: z.string(), expression: z.string() })).default([]),
    validations: z.array(
      z.object({
        expression: z.string(),
        message: z.string().optional(),
        messageExpression: z.string().optional(),
      }),
    ),
  }),
});
type Policy = z.infer<typeof Policy>;

/** All documents that are printed for an installation. */
export const manifestsOf = (installation: string): unknown[] =>
  parseAllDocuments(clusterManifests(installation)).map((document) => document.toJS());

export function policyOf(installation: string, name: string): Policy {
  const found = manifestsOf(installation).find((document) => {
    const parsed = Policy.safeParse(document);
    return parsed.success && parsed.data.metadata.name === name;
  });
  return Policy.parse(found);
}

type CelInput = Parameters<typeof run>[1] extends infer Bindings | undefined ? Bindings[keyof Bindings] : never;

/** JSON as CEL sees it: objects are maps. */
const toCel = (value: unknown): CelInput =>
  (Array.isArray(value)
    ? value.map(toCel)
    : typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]))
      : value) as CelInput;

/** What the API server knows of a write. */
export interface Write {
  request: { operation: string; name: string; groups: string[]; resource?: string; options?: object };
  object: unknown;
  oldObject: unknown;
  namespaceObject: unknown;
}

/** The messages with which the policy refuses the write; none where it lets it through or has no say. */
export function refusals(policy: Policy, { request, object, oldObject, namespaceObject }: Write): string[] {
  const { operation, name, groups, resource = '', options = {} } = request;
  const bindings = {
    request: toCel({ operation, name, resource: { group: '', resource }, options, userInfo: { groups } }),
    object: toCel(object),
    oldObject: toCel(oldObject),
    namespaceObject: toCel(namespaceObject),
  };
  const { matchConditions, variables, validations } = policy.spec;
  if (!matchConditions.every(({ expression }) => evaluate(expression, bindings) === true)) return [];
  const known = new Map<string, CelInput>();
  // The API server evaluates a variable when it is first asked for; one after the other gives the same.
  for (const { name, expression } of variables) {
    known.set(name, evaluate(expression, { ...bindings, variables: new Map(known) }) as CelInput);
  }
  const all = { ...bindings, variables: known };
  return validations
    .filter(({ expression }) => evaluate(expression, all) !== true)
    .map(({ message, messageExpression }) => message ?? String(evaluate(messageExpression ?? '', all)));
}

function evaluate(expression: string, bindings: Parameters<typeof run>[1]): unknown {
  const result = run(expression, bindings);
  if (result instanceof Error) throw result;
  return result;
}
