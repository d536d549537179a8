import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { providePrograms } from './build-programs.ts';
import { findPrograms } from './find-programs.ts';
import { programModules, programNames } from './programs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function executable(file: string, text = ''): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${text}`);
  chmodSync(file, 0o755);
  return file;
}

/** An environment whose cache is empty and whose Go does what the script says. */
function environment(script?: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  if (script !== undefined) executable(join(bin, 'go'), script);
  return { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache'), GOFLAGS: '-mod=vendor' };
}

/** Writes what `-o` asks for, and into the log what it was called with. */
const building = `
echo "GOFLAGS=$GOFLAGS CGO=$CGO_ENABLED $*" >> "$(dirname "$0")/log"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"
`;

const silent = { report: () => {} };
const cached = () => readdirSync(join(folder, 'cache', 'berth', 'control-plane')).toSorted();

describe('the programs of the control plane', () => {
  it('are taken from the folder that KUBEBUILDER_ASSETS names, and the rest is named as missing', () => {
    const assets = join(folder, 'assets');
    const etcd = executable(join(assets, 'etcd'));
    const server = executable(join(assets, 'kube-apiserver'));
    const env = { ...environment(), KUBEBUILDER_ASSETS: assets };
    expect(findPrograms(programModules(env), env)).toEqual({
      programs: { etcd, 'kube-apiserver': server },
      missing: ['kube-controller-manager', 'kube-scheduler', 'kwok'],
    });
  });

  it('are built once, and found afterwards by whoever has no Go', async () => {
    const built = await providePrograms({ env: environment(building), ...silent });
    expect(Object.keys(built).toSorted()).toEqual(programNames.toSorted());
    expect(Object.values(built).every((file) => existsSync(file))).toBe(true);
    rmSync(join(folder, 'bin'), { recursive: true });
    expect(await providePrograms({ env: environment(), ...silent })).toEqual(built);
  });

  it('are built without the flags of whoever builds them, and know their version', async () => {
    await providePrograms({ env: environment(building), ...silent });
    const calls = readFileSync(join(folder, 'bin', 'log'), 'utf8')
      .trim()
      .split('\n');
    expect(calls).toHaveLength(programNames.length);
    expect(calls.every((call) => call.startsWith('GOFLAGS= CGO=0 build -v -trimpath'))).toBe(true);
    expect(calls.find((call) => call.endsWith('cmd/kube-apiserver'))).toMatch(/version\.gitVersion=v1\.35\.\d+ /);
  });

  it('are whole where two build them at once', async () => {
    const env = environment(building);
    const [one, other] = await Promise.all([providePrograms({ env, ...silent }), providePrograms({ env, ...silent })]);
    expect(one).toEqual(other);
    expect(cached().map((name) => name.split('-')[0])).toEqual(['etcd', 'kubernetes', 'kwok']);
  });

  it('are missing without Go, and it is said which and how else to get them', async () => {
    await expect(providePrograms({ env: environment(), ...silent })).rejects.toMatchObject({
      name: 'ProgramsMissing',
      message: expect.stringMatching(
        /needs etcd, kube-apiserver.*no go on the PATH\n.*Go 1\.25.*\n.*KUBEBUILDER_ASSETS/,
      ),
    });
  });

  it('leave nothing half-built where Go fails, and its words are told', async () => {
    const env = environment('echo "go: go.mod requires go >= 1.25.0 (running go 1.20)" >&2; exit 1');
    await expect(providePrograms({ env, ...silent })).rejects.toThrow(/requires go >= 1\.25\.0/);
    expect(cached()).toEqual([]);
  });
});
