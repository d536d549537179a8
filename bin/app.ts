import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { BlueprintsInvalid } from '../lib/build/blueprints.ts';
import { buildFunctions } from '../lib/build/bundle.ts';
import { readConfig } from '../lib/cloud/config.ts';
import { defaultContext } from '../lib/cloud/default-context.ts';
import { ServiceStack } from '../lib/cloud/service-stack.ts';

const app = new App({ context: defaultContext });
const config = readConfig(app.node);
const functions = await buildFunctions({ blueprintsDir: resolve(config.blueprintsDir) }).catch((error: unknown) => {
  if (!(error instanceof BlueprintsInvalid)) throw error;
  // Their authors have no use for the place in our code.
  console.error(error.message);
  process.exit(1);
});
new ServiceStack(app, config.installation, { config, functions });
app.synth();
