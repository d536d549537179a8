import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
export type ProgramName = (typeof programNames)[number];
/** Where each program lies. */
export type Programs = Record<ProgramName, string>;

/** A Go module of ours that only says which programs of which versions are built. */
export interface ProgramModule {
  /** the folder with its go.mod */
  folder: string;
  /** the folder in the user's cache that its programs are kept in; another one as soon as anything about them changes */
  kept: string;
  /** by package */
  programs: Readonly<Partial<Record<ProgramName, string>>>;
  linkerFlags: string;
  /** what is required, such as `k8s.io/kubernetes v1.35.4` */
  version: string;
}

const strip = '-s -w';

/** Without these, the API server takes itself for v0.0.0-master, and nobody can compare versions with it. */
function kubernetesFlags(version: string): string {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const facts = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const settings = Object.entries(facts).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return [strip, ...settings].join(' ');
}

const modules = [
  {
    name: 'etcd',
    requires: 'go.etcd.io/etcd/server/v3',
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    flags: () => strip,
  },
  {
    name: 'kubernetes',
    requires: 'k8s.io/kubernetes',
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    flags: kubernetesFlags,
  },
  { name: 'kwok', requires: 'sigs.k8s.io/kwok', programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' }, flags: () => strip },
];

/** The user's cache folder, by the XDG rules: a relative `XDG_CACHE_HOME` counts for nothing. */
const cacheHome = ({ XDG_CACHE_HOME: set }: NodeJS.ProcessEnv): string =>
  set?.startsWith('/') ? set : join(homedir(), '.cache');

/** All modules, each with its place in the cache that `env` names. */
export function programModules(env: NodeJS.ProcessEnv): ProgramModule[] {
  return modules.map(({ name, requires, programs, flags }) => {
    const folder = join(import.meta.dirname, 'modules', name);
    const requirements = readFileSync(join(folder, 'go.mod'), 'utf8');
    const version = new RegExp(`\\s${requires} (v\\S+)`).exec(requirements)?.[1] ?? '';
    const linkerFlags = flags(version);
    const hash = createHash('sha256')
      .update(requirements)
      .update(readFileSync(join(folder, 'go.sum')))
      .update(JSON.stringify([programs, linkerFlags, process.platform, process.arch]))
      .digest('hex');
    const kept = join(cacheHome(env), 'berth', 'control-plane', `${name}-${version}-${hash.slice(0, 12)}`);
    return { folder, kept, programs, linkerFlags, version: `${requires} ${version}` };
  });
}
