import { parseArgs } from 'node:util';
import settings from '../cdk.json' with { type: 'json' };
import { clusterManifests } from '../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { Installation } from '../lib/cloud/config.ts';

const usage = `npm run --silent cluster-manifests -- [options]

  --installation NAME   the stack that they are for (default: ${settings.context.installation})

  Prints what an EKS cluster needs before Berth can deploy to it, for "kubectl apply --server-side -f -".
`;

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({ options: { installation: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { help, installation = settings.context.installation } = readOptions();
const name = Installation.safeParse(installation);
if (help) console.log(usage);
else if (name.success) console.log(clusterManifests(name.data));
else refuse(`--installation: ${name.error.issues.map((issue) => issue.message).join('; ')}`);
