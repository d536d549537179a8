import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { local } from '../../lib/local/template/physical.ts';
import { readTemplateFile } from '../../lib/local/template/template-file.ts';
import { type AccessEntry, accessEntriesOf, principalOf } from '../eks-authenticator/access-entries.ts';
import type { Principal } from '../eks-authenticator/call-sts.ts';
import { startAuthenticator } from '../eks-authenticator/start-authenticator.ts';
import { appIn } from '../lib/cloud/app-in.ts';

/** The cluster that two installations share, each out of an account of its own. */
export const clusterName = 'staging';
export const installations = ['berth', 'qa'] as const;
export type Installation = (typeof installations)[number];

export type Credentials = Required<Pick<Principal, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>>;

/** What EKS is to the API server: who a token's bearer is, by the access entries of the synthesized templates. */
export interface EksSide {
  /** for the API server's `--authentication-token-webhook-config-file` */
  webhookConfig: string;
  /** of the cluster function's role */
  credentials: Record<Installation, Credentials>;
  close(): Promise<void>;
}

interface Account {
  principal: Principal;
  entries: readonly AccessEntry[];
}

const inAccount = <Value>(value: Value, account: string): Value =>
  JSON.parse(JSON.stringify(value).replaceAll(local.account, account));

async function accountOf(folder: string, installation: Installation, credentials: Credentials): Promise<Account> {
  const { app } = appIn(join(folder, installation), { installation, clusters: [clusterName] });
  const template = await readTemplateFile(app.synth().directory, 'berth');
  const found = { principal: principalOf(template, 'cluster', credentials), entries: accessEntriesOf(template) };
  return inAccount(found, String(installations.indexOf(installation) + 1).repeat(12));
}

const credentialsOf = (installation: Installation): Credentials => ({
  accessKeyId: `ASIA${installation.toUpperCase()}`,
  secretAccessKey: `secret of ${installation}`,
  sessionToken: `session of ${installation}`,
});

/** @param folder for what it writes */
export async function startEksSide(folder: string): Promise<EksSide> {
  await mkdir(folder, { recursive: true });
  const credentials = { berth: credentialsOf('berth'), qa: credentialsOf('qa') };
  const accounts = await Promise.all(installations.map((each) => accountOf(folder, each, credentials[each])));
  const authenticator = await startAuthenticator(
    {
      cluster: clusterName,
      partition: 'aws',
      principals: accounts.map(({ principal }) => principal),
      now: Date.now,
    },
    accounts.flatMap(({ entries }) => entries),
  );
  const webhookConfig = join(folder, 'webhook.yaml');
  await authenticator.writeWebhookConfig(webhookConfig);
  return { webhookConfig, credentials, close: () => authenticator.close() };
}
