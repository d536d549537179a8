import * as z from 'zod';
import type { AdmissionRequest } from '../write-context.ts';

/** Which writes a policy or a webhook is about. */
export const Rule = z.strictObject({
  apiGroups: z.array(z.string()),
  apiVersions: z.array(z.string()),
  resources: z.array(z.string()),
  operations: z.array(z.enum(['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'])),
  scope: z.enum(['*', 'Namespaced', 'Cluster']).default('*'),
});
export type Rule = z.infer<typeof Rule>;

const includes = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

/** `*` stands for every resource, but for no subresource. */
function namesResource({ resources }: Rule, plural: string, subresource: string | undefined): boolean {
  if (subresource === undefined) return includes(resources, plural);
  return ['*/*', `*/${subresource}`, `${plural}/*`, `${plural}/${subresource}`].some((name) =>
    resources.includes(name),
  );
}

/** Whether a rule is about a write. */
export function concerns(rule: Rule, { resource, operation, context }: AdmissionRequest): boolean {
  const scope = resource.namespaced ? 'Namespaced' : 'Cluster';
  return (
    includes(rule.apiGroups, resource.group) &&
    includes(rule.apiVersions, resource.version) &&
    includes(rule.operations, operation) &&
    (rule.scope === '*' || rule.scope === scope) &&
    namesResource(rule, resource.plural, context.subresource)
  );
}

/** What policies and webhooks are told of the request itself. */
export function requestValue({ resource, operation, name, namespace, context }: AdmissionRequest): object {
  const { group, version, kind, plural } = resource;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    subResource: context.subresource ?? '',
    name,
    namespace: namespace ?? '',
    operation,
    userInfo: { username: context.user.name, groups: context.user.groups },
    dryRun: context.isDryRun === true,
  };
}
