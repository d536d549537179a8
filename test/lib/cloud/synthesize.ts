import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackProps } from 'aws-cdk-lib';
import type { ConfigInput } from '../../../lib/cloud/config.ts';
import { appIn } from './app-in.ts';

/** An app with one installation, not synthesized yet, gone when the tests are. */
export const makeApp = (config: Partial<ConfigInput> = {}, props: StackProps = {}): ReturnType<typeof appIn> =>
  appIn(mkdtempSync(join(tmpdir(), 'berth-cdk-')), config, props);
