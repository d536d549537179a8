import { execFileSync } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBinaries } from '../../../lib/local/binaries.ts';
import { folderWith } from '../../support/render.ts';

const elsewhere = { platform: 'darwin', arch: 'arm64', cacheDir: '/nowhere' };

describe('findBinaries', () => {
  it('unpacks the binaries of the layer once, also where several ask at the same time', async () => {
    const machine = { platform: 'linux', arch: 'x64', cacheDir: await folderWith({}), path: [] };
    const [first, second] = await Promise.all([findBinaries(machine), findBinaries(machine)]);
    expect(second).toEqual(first);
    expect(await readdir(join(machine.cacheDir, 'berth'))).toHaveLength(1);
    expect(await findBinaries(machine)).toEqual(first);
  });

  it('answers binaries that run', async () => {
    const { helmPath, kubectlPath } = await findBinaries();
    expect(execFileSync(helmPath, ['version', '--short'], { encoding: 'utf8' })).toMatch(/^v\d+\./);
    expect(execFileSync(kubectlPath, ['version', '--client'], { encoding: 'utf8' })).toMatch(/v1\.\d+/);
  });

  it('takes those of the PATH where the layer’s don’t run', async () => {
    const folder = await folderWith({ 'a/helm': '', 'b/helm': '', 'b/kubectl': '' });
    await Promise.all(['b/helm', 'b/kubectl'].map((file) => chmod(join(folder, file), 0o755)));
    expect(await findBinaries({ ...elsewhere, path: [join(folder, 'a'), join(folder, 'b')] })).toEqual({
      helmPath: join(folder, 'b', 'helm'),
      kubectlPath: join(folder, 'b', 'kubectl'),
    });
  });

  it('says what is missing, why, and where to get it', async () => {
    await expect(findBinaries({ ...elsewhere, path: [] })).rejects.toThrow(
      /^helm is not in the PATH\. .* darwin\/arm64: install helm \(https:\/\/helm\.sh/,
    );
  });
});
