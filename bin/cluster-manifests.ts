import { parseArgs } from 'node:util';
import settings from '../cdk.json' with { type: 'json' };
import { clusterManifests } from '../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { Installation } from '../lib/cloud/config.ts';

// Prints what an EKS cluster needs before Berth can deploy to it: npm run --silent cluster-manifests | kubectl apply -f -
const { values } = parseArgs({
  options: { installation: { type: 'string', default: settings.context.installation } },
});
console.log(clusterManifests(Installation.parse(values.installation)));
