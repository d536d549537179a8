import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal } from '../../../../lib/local/states/file-journal.ts';
import { onFullDisk } from '../../../support/full-disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a journal on disk', () => {
  it('holds lines in their order once they are appended', async () => {
    const path = join(folder, 'deep', 'journal.jsonl');
    const journal = fileJournal(path);
    expect(await journal.load()).toEqual([]);
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(`line ${index}`)));
    await journal.append('last');
    const lines = await fileJournal(path).load();
    expect(lines).toEqual([...Array.from({ length: 100 }, (_, index) => `line ${index}`), 'last']);
    await journal.close();
  });

  it('drops the torn line that a killed process left', async () => {
    const path = join(folder, 'journal.jsonl');
    const journal = fileJournal(path);
    await journal.append('{"whole":1}');
    await journal.close();
    await appendFile(path, '{"torn":');
    expect(await fileJournal(path).load()).toEqual(['{"whole":1}']);
  });

  it('replaces what was appended before, and nothing that comes after', async () => {
    const path = join(folder, 'journal.jsonl');
    const journal = fileJournal(path);
    const before = journal.append('before');
    const replaced = journal.replace(['kept']);
    const after = journal.append('after');
    await Promise.all([before, replaced, after]);
    expect(await readFile(path, 'utf8')).toBe('kept\nafter\n');
    await journal.close();
  });

  it('leaves no half of a line that a full disk had no room for', async () => {
    const path = join(folder, 'journal.jsonl');
    const module = new URL('../../../../lib/local/states/file-journal.ts', import.meta.url);
    const printed = onFullDisk(
      1,
      `import { fileJournal } from ${JSON.stringify(module)};
      const journal = fileJournal(${JSON.stringify(path)});
      await journal.append('a'.repeat(600));
      await journal.append('b'.repeat(600)).catch((error) => console.log(error.code));
      await journal.append('c'.repeat(100));`,
    );
    expect(printed).toBe('EFBIG');
    expect(await fileJournal(path).load()).toEqual(['a'.repeat(600), 'c'.repeat(100)]);
  });

  it('keeps the former lines where a full disk has no room for the new ones, which take none', async () => {
    const path = join(folder, 'journal.jsonl');
    const module = new URL('../../../../lib/local/states/file-journal.ts', import.meta.url);
    const printed = onFullDisk(
      1,
      `import { fileJournal } from ${JSON.stringify(module)};
      const journal = fileJournal(${JSON.stringify(path)});
      await journal.append('former');
      await journal.replace(['new'.repeat(1000)]).catch((error) => console.log(error.code));
      await journal.append('next');`,
    );
    expect(printed).toBe('EFBIG');
    expect(await fileJournal(path).load()).toEqual(['former', 'next']);
    expect(await readFile(`${path}.new`, 'utf8')).toBe('');
  });

  it('says that it cannot write, and can again later', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, 'a file where a folder should be');
    const journal = fileJournal(join(blocked, 'journal.jsonl'));
    await expect(journal.append('line')).rejects.toThrow('blocked');
    await rm(blocked);
    await journal.append('line');
    expect(await journal.load()).toEqual(['line']);
    await journal.close();
  });
});
