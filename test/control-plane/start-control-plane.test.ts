import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '../../lambdas/cluster/errors.ts';
import { makeCertificate } from '../../lib/local/cluster/certificates.ts';
import { kubeconfigText } from '../../lib/local/cluster/kubeconfig.ts';
import { openApi } from './api.ts';
import { eventually } from './plane.ts';
import { startControlPlane } from './start-control-plane.ts';

let folder: string;
let started: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-control-plane-'));
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  await eventually(async () => {
    if (partsIn(folder).length > 0) throw new Error(`still running: ${partsIn(folder).join(', ')}`);
  });
  rmSync(folder, { recursive: true, force: true });
});

/** Process ids of what still runs in a folder. */
const partsIn = (place: string): string[] =>
  existsSync(join(place, 'pids')) ? readFileSync(join(place, 'pids'), 'utf8').trim().split('\n').filter(isAlive) : [];

function isAlive(pid: string | number): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

interface Command {
  child: ChildProcess;
  lines: string[];
  /** resolves with the exit code */
  ended: Promise<unknown>;
}

/** `npm run control-plane`, without npm. */
function run(): Command {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // One that is killed leaves what it made there.
    env: { ...process.env, TMPDIR: folder },
  });
  started.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines, ended: once(child, 'close').then(([code]) => code as unknown) };
}

describe('the command', () => {
  it('starts a control plane within 25 s and stops all of it at Ctrl-C; what it held is there the next time', async () => {
    const began = performance.now();
    const plane = await startControlPlane({ folder });
    expect(performance.now() - began).toBeLessThan(25_000);
    const pids = [...plane.processes.values()];
    expect(pids.filter(isAlive)).toHaveLength(5);
    const api = openApi(plane.endpoint, plane.ca, plane.token);
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' };
    const { apiVersion, kind, ...metadata } = settings;
    await api.client.create({ apiVersion, kind, metadata, data: { kept: 'yes' } });
    await api.close();
    await plane.close();
    expect(pids.filter(isAlive)).toEqual([]);

    const { child, lines, ended } = run();
    await eventually(async () => expect(lines.join('\n')).toMatch(/answers at https:\/\/127\.0\.0\.1:\d+/));
    const endpoint = /https:\S+/.exec(lines.join('\n'))?.[0] ?? '';
    const later = openApi(endpoint, plane.ca, plane.token);
    expect(await later.client.get(settings)).toMatchObject({ data: { kept: 'yes' } });
    await later.close();
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(partsIn(folder)).toEqual([]);
  });

  it('says where the kubeconfig is where it runs already', async () => {
    const first = run();
    await eventually(async () => expect(first.lines.join('\n')).toContain('answers at'));
    const second = run();
    expect(await second.ended).toBe(0);
    expect(second.lines.join('\n')).toContain(join(folder, 'kubeconfig'));
  });

  it('leaves nothing running when it is killed', async () => {
    const { child, lines } = run();
    await eventually(async () => expect(lines.join('\n')).toContain('answers at'));
    const parts = partsIn(folder);
    expect(parts).toHaveLength(5);
    child.kill('SIGKILL');
    await eventually(async () => expect(parts.filter(isAlive)).toEqual([]));
  });
});

describe('the API server', () => {
  it('knows further users by their tokens, asks a webhook about all others, and gives neither more than their roles', async () => {
    const identity = await makeCertificate(Date.now());
    const webhook = createServer({ key: identity.key, cert: identity.certificate }, (request, response) => {
      const status = { authenticated: true, user: { username: 'asked', groups: ['some'] } };
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status };
      request.resume().once('end', () => response.end(JSON.stringify(review)));
    }).listen(0, '127.0.0.1');
    await once(webhook, 'listening');
    const url = `https://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
    const configFile = join(folder, 'webhook.kubeconfig');
    writeFileSync(configFile, kubeconfigText({ url, caCertificate: identity.authority, token: 'unused' }));
    const users = [{ token: 'theirs', name: 'somebody', groups: ['some', 'others'] }];
    const plane = await startControlPlane({ folder, users, webhookTokenAuthentication: { configFile } });
    const whoami = async (token: string) => {
      const api = openApi(plane.endpoint, plane.ca, token);
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const review = await api.transport.json({ method: 'POST', path, body });
      const refused = await api.client.list('v1', 'Secret').catch((error: unknown) => error);
      await api.close();
      return [Object(review).status.userInfo, isRefusal(refused, 403)];
    };
    const groups = (own: string[]) => [...own, 'system:authenticated'];
    expect(await whoami('theirs')).toMatchObject([{ username: 'somebody', groups: groups(['some', 'others']) }, true]);
    expect(await whoami('any')).toMatchObject([{ username: 'asked', groups: groups(['some']) }, true]);
    expect(await whoami(plane.token)).toMatchObject([{ username: 'kubernetes-admin' }, false]);
    await plane.close();
    webhook.close();
    webhook.closeAllConnections();
  });
});
