import { stringify } from 'yaml';

export interface Access {
  url: string;
  /** PEM */
  caCertificate: string;
  token: string;
}

/** The text of a kubeconfig file whose only context is this cluster. */
export function kubeconfigText({ url, caCertificate, token }: Access): string {
  const name = 'simulated';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  });
}
