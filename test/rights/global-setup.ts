import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openApi } from '../control-plane/api.ts';
import { startControlPlane } from '../control-plane/start-control-plane.ts';
import { applyManifests } from './apply-manifests.ts';
import { type EksSide, startEksSide } from './eks-side.ts';

/** How the tests reach the cluster. */
export interface RightsAccess {
  endpoint: string;
  /** PEM */
  ca: string;
  /** an administrator's */
  token: string;
  /** of a member of Berth's group to whom an operator has granted more */
  extendedToken: string;
  credentials: EksSide['credentials'];
}

declare module 'vitest' {
  export interface ProvidedContext {
    rights: RightsAccess;
  }
}

/** One control plane for a whole run, with EKS's side of it and with what ships applied. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-rights-'));
  const extendedToken = randomUUID();
  const eks = await startEksSide(join(folder, 'eks'));
  const plane = await startControlPlane({
    folder: join(folder, 'plane'),
    users: [{ token: extendedToken, name: 'extended', groups: ['berth'] }],
    webhookTokenAuthentication: { configFile: eks.webhookConfig },
  });
  const stop = async () => {
    await plane.close();
    await eks.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { endpoint, ca, token } = plane;
    const operator = openApi(endpoint, ca, token);
    await applyManifests(operator.client);
    await operator.close();
    provide('rights', { endpoint, ca, token, extendedToken, credentials: eks.credentials });
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
