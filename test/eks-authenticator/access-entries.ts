import * as z from 'zod';
import { createResolver } from '../../lib/local/template/resolve.ts';
import type { TemplateFile } from '../../lib/local/template/template-file.ts';
import type { Principal } from './call-sts.ts';
import { TokenRefused } from './refusal.ts';

const AccessEntry = z.looseObject({
  ClusterName: z.string(),
  PrincipalArn: z.string(),
  Type: z.string().default('STANDARD'),
  Username: z.string().optional(),
  KubernetesGroups: z.array(z.string()).default([]),
});

/** `AWS::EKS::AccessEntry`, references resolved. */
export type AccessEntry = z.infer<typeof AccessEntry>;

type Template = Pick<TemplateFile, 'stackName' | 'resources' | 'parameters'>;

/** The access entries that a deploy of this template makes. */
export function accessEntriesOf(template: Template): AccessEntry[] {
  const resolver = createResolver(template);
  return Object.values(template.resources)
    .filter(({ Type }) => Type === 'AWS::EKS::AccessEntry')
    .map(({ Properties }) => AccessEntry.parse(resolver.resolve(Properties)));
}

const Function = z.looseObject({ FunctionName: z.string(), Role: z.string() });

/**
 * The principal that a function of the template runs as, with these credentials.
 * @param suffix of the function's name, such as `cluster`
 */
export function principalOf(
  template: Template,
  suffix: string,
  credentials: Pick<Principal, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>,
): Principal {
  const resolver = createResolver(template);
  const functions = Object.values(template.resources)
    .filter(({ Type, Properties }) => Type === 'AWS::Lambda::Function' && 'FunctionName' in Properties)
    .map(({ Properties: { FunctionName, Role } }) => Function.parse(resolver.resolve({ FunctionName, Role })));
  const found = functions.filter(({ FunctionName }) => FunctionName.endsWith(`-${suffix}`));
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`the template has ${found.length} functions called *-${suffix}`);
  return { ...credentials, roleArn: only.Role, sessionName: only.FunctionName };
}

/** A user as the API server wants it from its webhook; `system:authenticated` it adds itself. */
export interface KubernetesUser {
  username: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

/**
 * Who a principal is in a cluster.
 * @throws TokenRefused where no access entry names its role
 */
export function userOf(principal: Principal, cluster: string, entries: readonly AccessEntry[]): KubernetesUser {
  const { roleArn, sessionName, accessKeyId } = principal;
  const entry = entries.find(({ ClusterName, PrincipalArn }) => ClusterName === cluster && PrincipalArn === roleArn);
  if (!entry) throw new TokenRefused('access', `${roleArn} has no access entry in cluster ${cluster}`);
  const [, partition, account = '', role] = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  const session = `arn:${partition}:sts::${account}:assumed-role/${role}`;
  const roleId = `AROA${role}`;
  const username = (entry.Username ?? `${session}/{{SessionName}}`)
    .replaceAll('{{AccountID}}', account)
    .replaceAll('{{SessionName}}', sessionName.replaceAll('@', '-'))
    .replaceAll('{{SessionNameRaw}}', sessionName);
  return {
    username,
    uid: `aws-iam-authenticator:${account}:${roleId}`,
    groups: entry.KubernetesGroups,
    extra: {
      arn: [`${session}/${sessionName}`],
      canonicalArn: [roleArn],
      sessionName: [sessionName],
      accessKeyId: [accessKeyId],
      principalId: [roleId],
    },
  };
}
