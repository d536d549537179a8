import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { makeCertificate } from '../../lib/local/cluster/certificates.ts';

/** What a webhook is asked, as far as tests read it. */
export interface Asked {
  uid: string;
  operation: string;
  name: string;
  namespace?: string;
  userInfo: { username: string };
  object: KubernetesObject;
  oldObject: KubernetesObject | null;
}

/** What it says: a JSON patch, or why not. */
export type Said = { patch: object[] } | { denial: string };

export interface TestWebhook {
  asked: Asked[];
  /** as a webhook configuration has it */
  clientConfig: { url: string; caBundle: string };
  close(): Promise<void>;
}

/** An admission webhook over HTTPS on loopback, as a mesh or a policy engine would run one in a cluster. */
export async function startWebhook(say: (request: Asked) => Said): Promise<TestWebhook> {
  const { key, certificate: cert, authority } = await makeCertificate(Date.now());
  const asked: Asked[] = [];
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { request } = JSON.parse(Buffer.concat(chunks).toString()) as { request: Asked };
      asked.push(request);
      const response = { uid: request.uid, ...answerOf(say(request)) };
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(authority).toString('base64') },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerOf(said: Said): object {
  if ('denial' in said) return { allowed: false, status: { message: said.denial } };
  const patch = Buffer.from(JSON.stringify(said.patch)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
