import { expect, it } from 'vitest';
import { memoryJournal } from '../../../../lib/local/states/journal.ts';
import { createStore } from '../../../../lib/local/states/store.ts';

const megabyte = 1024 * 1024;

it('keeps what is written where the log can not be written anew', async () => {
  const lines: string[] = [];
  const noRoom = async (): Promise<void> => {
    throw new Error('no space left on device');
  };
  const said: string[] = [];
  const log = (message: string): void => void said.push(message);
  const store = createStore({ ...memoryJournal(lines), replace: noRoom }, () => 0, undefined, log);
  for (let index = 0; index < 10; index++) await store.define(`hash-${index}`, 'x'.repeat(megabyte));
  await store.define('last', 'x');
  expect(lines).toHaveLength(11);
  expect(said).toContain('the journal of executions was not written anew');
});
