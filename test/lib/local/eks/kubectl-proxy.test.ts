import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const module = new URL('../../../../lib/local/eks/kubectl-proxy.ts', import.meta.url);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-proxy-'));
});
afterEach(() => rm(folder, { recursive: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('the proxy to a cluster ends with the process that started it, also where that one crashes', async () => {
  const kubectlPath = join(folder, 'kubectl');
  const script = ['#!/bin/sh', `echo $$ > ${folder}/pid`, 'echo Starting to serve on 127.0.0.1:1', 'exec sleep 600'];
  await writeFile(kubectlPath, script.join('\n'));
  await chmod(kubectlPath, 0o755);
  const source = `import { startKubectlProxy } from ${JSON.stringify(module)};
    await startKubectlProxy(${JSON.stringify({ kubectlPath, kubeconfig: 'none' })});
    throw new Error('crashed');`;

  const { stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });

  expect(stderr).toContain('crashed');
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await expect.poll(() => isAlive(pid)).toBe(false);
});
