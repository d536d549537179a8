import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { BlueprintsInvalid } from '../lib/build/blueprints.ts';
import { buildFunctions } from '../lib/build/bundle.ts';
import { ConfigInvalid, readConfig } from '../lib/cloud/config.ts';
import { defaultContext } from '../lib/cloud/default-context.ts';
import { ServiceStack } from '../lib/cloud/service-stack.ts';

async function synthesize(): Promise<void> {
  const app = new App({ context: defaultContext });
  const config = readConfig(app.node);
  const blueprintsDir = resolve(config.blueprintsDir);
  if (!existsSync(blueprintsDir)) throw new ConfigInvalid([`blueprintsDir: ${blueprintsDir} is no folder`]);
  const functions = await buildFunctions({ blueprintsDir });
  new ServiceStack(app, config.installation, { config, functions });
  app.synth();
}

await synthesize().catch((error: unknown) => {
  if (!(error instanceof BlueprintsInvalid || error instanceof ConfigInvalid)) throw error;
  // Who wrote what is wrong has no use for the place in our code.
  console.error(error.message);
  process.exit(1);
});
