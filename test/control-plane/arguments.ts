import type { IdentityFiles } from './identity.ts';

/** What the command lines of the five programs are made of. */
export interface Layout {
  folder: string;
  files: IdentityFiles;
  ports: { etcd: number; etcdPeer: number; api: number };
  kubeconfigs: { administrator: string; controllerManager: string; scheduler: string };
  /** kubeconfig of a webhook that is asked about tokens which no static user has */
  tokenWebhook?: string | undefined;
  /** how the API server reaches pods and nodes */
  egress: string;
  /** stages of kwok, in one file */
  stages: string;
}

/** So much that no controller waits for its own client: the tests are to measure Berth. */
const clientRate = { qps: 500, burst: 1000 };

const clientFlags = [`--kube-api-qps=${clientRate.qps}`, `--kube-api-burst=${clientRate.burst}`];

/** Nothing is written through to the disk: whoever cuts the power loses a test cluster, and each write saves milliseconds. */
export const etcdArguments = ({ folder, ports }: Layout): string[] => [
  `--data-dir=${folder}/etcd`,
  `--listen-client-urls=http://127.0.0.1:${ports.etcd}`,
  `--advertise-client-urls=http://127.0.0.1:${ports.etcd}`,
  `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
  `--initial-cluster=default=http://127.0.0.1:${ports.etcdPeer}`,
  '--unsafe-no-fsync',
  '--log-level=warn',
];

export const apiServerArguments = ({ files, ports, tokenWebhook, egress }: Layout): string[] => [
  `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
  '--bind-address=127.0.0.1',
  `--secure-port=${ports.api}`,
  '--advertise-address=127.0.0.1',
  // No pod would ever call the address that it keeps for them, and a loopback address isn't allowed there.
  '--endpoint-reconciler-type=none',
  `--tls-cert-file=${files.certificate}`,
  `--tls-private-key-file=${files.key}`,
  '--authorization-mode=RBAC',
  `--token-auth-file=${files.users}`,
  ...(tokenWebhook === undefined
    ? []
    : [
        `--authentication-token-webhook-config-file=${tokenWebhook}`,
        '--authentication-token-webhook-version=v1',
        // A test that changes its mind about a token wants to be asked again.
        '--authentication-token-webhook-cache-ttl=1s',
      ]),
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${files.accountPublicKey}`,
  `--service-account-signing-key-file=${files.accountKey}`,
  '--service-cluster-ip-range=10.96.0.0/16',
  '--allow-privileged',
  `--egress-selector-config-file=${egress}`,
  `--kubelet-certificate-authority=${files.authority}`,
  // The names of the nodes resolve nowhere.
  '--kubelet-preferred-address-types=InternalIP',
];

export const controllerManagerArguments = ({ files, kubeconfigs }: Layout): string[] => [
  `--kubeconfig=${kubeconfigs.controllerManager}`,
  '--leader-elect=false',
  '--secure-port=0',
  '--use-service-account-credentials',
  `--service-account-private-key-file=${files.accountKey}`,
  `--root-ca-file=${files.authority}`,
  '--enable-hostpath-provisioner',
  // A volume that is bound is otherwise noticed up to 15 s late.
  '--pvclaimbinder-sync-period=1s',
  ...clientFlags,
];

export const schedulerArguments = ({ kubeconfigs }: Layout): string[] => [
  `--kubeconfig=${kubeconfigs.scheduler}`,
  '--leader-elect=false',
  '--secure-port=0',
  ...clientFlags,
];

export const kwokArguments = ({ kubeconfigs, stages }: Layout): string[] => [
  `--kubeconfig=${kubeconfigs.administrator}`,
  `--config=${stages}`,
  '--manage-all-nodes',
  '--node-lease-duration-seconds=40',
];
