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

/** `*` stands for every resource, but for no subresource; a subresource that is `*` stands for the resource itself too. */
function namesResource({ resources }: Rule, plural: string, subresource: string | undefined): boolean {
  if (subresource === undefined) return ['*', '*/*', plural, `${plural}/*`].some((name) => resources.includes(name));
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

/** What policies and webhooks are told of the request itself. What is empty is left out, as Go does. */
export function requestValue({ resource, operation, name, namespace, options, context }: AdmissionRequest): object {
  const { group, version, kind, plural } = resource;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(context.subresource === undefined ? {} : { subResource: context.subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    operation,
    options: options ?? {},
    userInfo: { username: context.user.name, groups: context.user.groups },
    dryRun: context.isDryRun === true,
  };
}
