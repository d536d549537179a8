import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataInUse } from '../../lib/local/data-lock.ts';
import { ProgramsMissing } from './build-programs.ts';
import { type ControlPlane, kubeconfigIn, startControlPlane } from './start-control-plane.ts';

const usage = `npm run control-plane -- [options]

  --data DIR   where everything of it lies (.berth/control-plane); a cluster that is there is started again
`;

const welcome = ({ endpoint, kubeconfig }: ControlPlane, seconds: string): string =>
  `A Kubernetes control plane answers at ${endpoint} after ${seconds} s.

  Berth on it     npm start -- --kubeconfig ${kubeconfig}
  look into it    KUBECONFIG=${kubeconfig} kubectl get pods -A
  its logs        ${join(kubeconfig, '..', 'logs')}

Ctrl-C stops it.`;

async function stopAtTheEnd(plane: ControlPlane): Promise<void> {
  const signalled = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
  const end = await Promise.race([signalled, plane.broken]);
  await plane.close();
  if (end === undefined) return;
  console.error(end);
  process.exitCode = 1;
}

const { values } = parseArgs({
  options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
});
const folder = values.data ?? join(import.meta.dirname, '..', '..', '.berth', 'control-plane');

try {
  if (values.help) console.log(usage);
  else {
    const began = performance.now();
    const plane = await startControlPlane({ folder });
    console.log(welcome(plane, ((performance.now() - began) / 1000).toFixed(1)));
    await stopAtTheEnd(plane);
  }
} catch (error) {
  if (error instanceof DataInUse)
    console.log(`It runs already, or is just starting; its kubeconfig: ${kubeconfigIn(folder)}`);
  else {
    console.error(error instanceof ProgramsMissing ? error.message : error);
    process.exitCode = 1;
  }
}
