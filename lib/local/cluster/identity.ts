import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { makeCertificate } from './certificates.ts';
import { type Random, uuid } from './identifiers.ts';

const Identity = z.object({ key: z.string(), certificate: z.string(), authority: z.string(), token: z.string() });

/** What makes the API server recognisable: its certificate, and the operator's token. */
export type Identity = z.infer<typeof Identity>;

/** The identity of a former start, so that kubeconfigs stay good, or else a new one. */
export async function identityFor(folder: string | undefined, now: number, random: Random): Promise<Identity> {
  const file = folder === undefined ? undefined : join(folder, 'identity.json');
  if (file !== undefined && existsSync(file)) return Identity.parse(JSON.parse(readFileSync(file, 'utf8')));
  const identity = { ...(await makeCertificate(now)), token: uuid(random) };
  if (folder === undefined || file === undefined) return identity;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(identity), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return identity;
}
