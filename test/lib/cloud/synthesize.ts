import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ConfigInput } from '../../../lib/cloud/config.ts';
import { appIn } from './app-in.ts';

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'berth-cdk-'));
  made.push(path);
  return path;
}

/** An app with one installation, not synthesized yet, gone when the tests of the file are. */
export const makeApp = (config: Partial<ConfigInput> = {}): ReturnType<typeof appIn> =>
  appIn(temporaryFolder(), config);
