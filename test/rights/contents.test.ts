import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshName, image } from '../support/deploys.ts';
import { type Callers, openCallers } from './callers.ts';
import { outcomeOf } from './outcome.ts';

let callers: Callers;
beforeAll(async () => {
  callers = await openCallers();
});
afterAll(() => callers[Symbol.asyncDispose]());

const create = async (path: string, body: object) => outcomeOf(await callers.operator.call('POST', path, { body }));
const merge = async (path: string, body: object) =>
  outcomeOf(await callers.operator.call('PATCH', path, { body, type: 'application/merge-patch+json' }));

const aService = (externalIPs: string[]) => ({
  metadata: { name: 'web' },
  spec: { ports: [{ port: 443 }], externalIPs },
});
const aPod = (priorityClassName: string) => ({
  metadata: { name: freshName() },
  spec: { priorityClassName, containers: [{ name: 'web', image: image('1.0') }] },
});

const labels = { 'berth.dev/installation': 'berth' };

/** Of an administrator's; it is a staging where it has the label. */
async function makeNamespace(own: object = {}): Promise<string> {
  const name = `stg-${freshName()}`;
  await create('/api/v1/namespaces', { metadata: { name, labels: own } });
  return `/api/v1/namespaces/${name}`;
}

const refusedAddresses = 'berth-contents: externalIPs would take the traffic of the whole cluster to these addresses';

describe('what a staging may not hold', () => {
  it('isn’t made by an administrator either', async () => {
    const namespace = await makeNamespace(labels);
    expect(await create(`${namespace}/services`, aService(['192.0.2.1']))).toBe(refusedAddresses);
    expect(await create(`${namespace}/pods`, aPod('system-node-critical'))).toMatch(/^berth-contents: priority class/);
  });

  it('is nobody’s matter in a namespace that is none', async () => {
    const namespace = await makeNamespace();
    expect(await create(`${namespace}/services`, aService(['192.0.2.1']))).toBe('allowed');
    expect(await create(`${namespace}/pods`, aPod('system-node-critical'))).toBe('allowed');
  });

  it('can be changed and taken away where it was there before, and not be added to', async () => {
    const namespace = await makeNamespace();
    const service = `${namespace}/services/web`;
    await create(`${namespace}/services`, aService(['192.0.2.1', '192.0.2.2']));
    await merge(namespace, { metadata: { labels } });
    const another = { ...aService(['192.0.2.1']), metadata: { name: 'another' } };
    await expect.poll(() => create(`${namespace}/services?dryRun=All`, another)).toBe(refusedAddresses);
    expect(await merge(service, { metadata: { finalizers: ['example.com/hold'] } })).toBe('allowed');
    expect(await merge(service, { spec: { externalIPs: ['192.0.2.1'] } })).toBe('allowed');
    expect(await merge(service, { spec: { externalIPs: ['192.0.2.1', '192.0.2.3'] } })).toBe(refusedAddresses);
    expect(await merge(service, { metadata: { finalizers: [] } })).toBe('allowed');
    expect(outcomeOf(await callers.operator.call('DELETE', service))).toBe('allowed');
  });
});
