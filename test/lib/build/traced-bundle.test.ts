import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bundles, buildFunctions } from '../../../lib/build/bundle.ts';

let folder: string;
let bundles: Bundles;
const daemon = createSocket('udp4');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-traced-'));
  bundles = await buildFunctions({ outDir: join(folder, 'functions') });
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
});
afterAll(async () => {
  daemon.close();
  await rm(folder, { recursive: true });
});

/** As Lambda starts a function whose tracing is active; nothing listens where its table is. */
const environment = (directory: string) => ({
  LAMBDA_TASK_ROOT: directory,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
  _X_AMZN_TRACE_ID: 'Root=1-65a1b2c3-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
  POWERTOOLS_SERVICE_NAME: 'berth-records',
  POWERTOOLS_LOG_LEVEL: 'CRITICAL',
  TABLE_NAME: 'berth',
  BLUEPRINTS_DIR: 'blueprints',
  PUBLIC_BASE_URL: 'https://staging.example.com',
  CLUSTERS: 'main',
  DEPLOY_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:1:stateMachine:deploy',
  TEARDOWN_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:1:stateMachine:teardown',
  EVENT_BUS_NAME: 'berth',
});

it('sends a step of a traced function to X-Ray with its staging to search by and the error it ended with', async () => {
  const main = join(folder, 'invoke.cjs');
  const event = { step: 'Claim', name: 'checkout-42', generation: 7, operationId: 'checkout-42-g7-deploy' };
  await writeFile(
    main,
    `require(${JSON.stringify(join(bundles.records.directory, 'index.js'))})
      .handler(${JSON.stringify(event)}).catch((error) => process.send(error.name));`,
  );
  const received = once(daemon, 'message');
  const invoked = fork(main, { env: environment(bundles.records.directory) });
  const [[thrown], [message]] = await Promise.all([once(invoked, 'message'), received]);
  invoked.kill();

  const subsegment = JSON.parse(String(message).split('\n')[1] ?? '');
  expect(subsegment).toMatchObject({
    name: 'Claim',
    trace_id: '1-65a1b2c3-0123456789abcdef01234567',
    parent_id: '0123456789abcdef',
    annotations: { staging: 'checkout-42', generation: 7, operation: 'checkout-42-g7-deploy' },
    fault: true,
    cause: { exceptions: [{ type: thrown }] },
  });
  expect(thrown).toBe('StoreUnavailable');
});
