import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../../lib/local/cluster/certificates.ts';

/** What makes a control plane recognisable: it stays the same over its starts, so that kubeconfigs and stored tokens stay good. */
export interface Identity {
  /** PEM, as everything here but the tokens */
  key: string;
  certificate: string;
  authority: string;
  /** signs the tokens of service accounts */
  accountKey: string;
  accountPublicKey: string;
  tokens: Record<Part, string>;
}

/** Who has a token from the start. */
type Part = 'administrator' | 'controllerManager' | 'scheduler';

/** A user whom the API server knows by a token of its own. */
export interface StaticUser {
  token: string;
  name: string;
  groups: readonly string[];
}

async function newIdentity(): Promise<Identity> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    ...(await makeCertificate(Date.now())),
    accountKey: privateKey,
    accountPublicKey: publicKey,
    tokens: { administrator: randomUUID(), controllerManager: randomUUID(), scheduler: randomUUID() },
  };
}

/** The identity that the folder keeps, or a new one. */
export async function identityIn(folder: string): Promise<Identity> {
  const file = join(folder, 'identity.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Identity;
  const identity = await newIdentity();
  writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

/** The parts of the control plane by the names that the API server's own roles are bound to. */
const partUsers = ({ tokens }: Identity): StaticUser[] => [
  { token: tokens.administrator, name: 'kubernetes-admin', groups: ['system:masters'] },
  { token: tokens.controllerManager, name: 'system:kube-controller-manager', groups: [] },
  { token: tokens.scheduler, name: 'system:kube-scheduler', groups: [] },
];

/** Where the API server and the controllers find what the identity holds. */
export interface IdentityFiles {
  key: string;
  certificate: string;
  authority: string;
  accountKey: string;
  accountPublicKey: string;
  /** CSV of static tokens */
  users: string;
}

/** Writes the files anew, readable for their owner only. */
export function writeIdentity(folder: string, identity: Identity, users: readonly StaticUser[]): IdentityFiles {
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const rows = [...partUsers(identity), ...users].map(
    ({ token, name, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`,
  );
  return {
    key: write('server.key', identity.key),
    certificate: write('server.crt', identity.certificate),
    authority: write('ca.crt', identity.authority),
    accountKey: write('accounts.key', identity.accountKey),
    accountPublicKey: write('accounts.pub', identity.accountPublicKey),
    users: write('users.csv', rows.join('')),
  };
}
