import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection } from '../../lambdas/cluster/connection.ts';
import { isRefusal } from '../../lambdas/cluster/errors.ts';
import { createTransport, type Transport } from '../../lambdas/cluster/transport.ts';

/** The API server as its administrator sees it, for what stands in for a cloud and for kubelets. */
export interface Api {
  client: KubernetesClient;
  transport: Transport;
  close(): Promise<void>;
}

export function openApi(endpoint: string, ca: string, token: string): Api {
  const connection = createConnection(
    async () => ({ endpoint, ca }),
    async () => token,
  );
  return {
    client: createClient(connection),
    transport: createTransport(connection),
    close: () => connection.close(),
  };
}

/** Makes an object unless it is there. */
export async function createIfAbsent(
  { client }: Api,
  object: Parameters<KubernetesClient['create']>[0],
): Promise<void> {
  try {
    await client.create(object);
  } catch (error) {
    if (!isRefusal(error, 409)) throw error;
  }
}
