import { expect, it } from 'vitest';
import { showWorkload } from '../../../lambdas/actions/show-workload.ts';
import { createClient } from '../../../lambdas/cluster/client.ts';
import { createConnection } from '../../../lambdas/cluster/connection.ts';
import { aFakeApi } from '../../support/fake-api.ts';
import { aStagingThatIs } from '../../support/stagings.ts';
import { theseBlueprints } from '../../support/world.ts';

it('says that the cluster does not answer, while the caller still listens', async () => {
  const caller = new AbortController();
  const { endpoint, ca } = await aFakeApi(() => {
    caller.abort();
    return new Promise(() => {});
  });
  const client = createClient(
    createConnection(
      async () => ({ endpoint, ca }),
      async () => 'token',
    ),
  );
  const deps = {
    stagings: { get: async () => aStagingThatIs('Running') },
    connect: () => client,
    blueprints: theseBlueprints(),
    publicBaseUrl: 'https://staging.example.com',
    now: () => 0,
  };
  await expect(showWorkload(deps, 'one', caller.signal)).rejects.toMatchObject({ name: 'ClusterUnreachable' });
});
