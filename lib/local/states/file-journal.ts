import { type FileHandle, mkdir, open as openFile, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal } from './journal.ts';

/**
 * One file of lines for all executions. While a write is under way, what is appended gathers and goes out with the next
 * one, so that hundreds of executions cost few writes. Written means handed to the operating system: that survives
 * kill -9. The disk itself is only waited for when the file is replaced; a power cut may cost the last seconds, as it
 * does with the table beside it.
 */
export function fileJournal(path: string): Journal {
  let file: OpenFile | undefined;
  let open: Batch | undefined;
  let last: Promise<void> = Promise.resolve();

  /** Runs after all that was queued before; a failure is the caller's and doesn't stop the queue. */
  const queue = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  const newBatch = (): Batch => {
    const lines: string[] = [];
    const write = async (): Promise<void> => {
      if (open === batch) open = undefined;
      file ??= await openAppend(path);
      await appendWhole(file, `${lines.join('\n')}\n`);
    };
    const batch: Batch = { lines, written: queue(write) };
    return batch;
  };
  const closeFile = async (): Promise<void> => {
    await file?.handle.close();
    file = undefined;
  };

  return {
    load: () => readLines(path),
    append(line) {
      open ??= newBatch();
      open.lines.push(line);
      return open.written;
    },
    replace(lines) {
      open = undefined;
      return queue(async () => {
        await closeFile();
        await writeWhole(path, lines);
      });
    },
    close: () => queue(closeFile),
  };
}

interface Batch {
  lines: string[];
  written: Promise<void>;
}

interface OpenFile {
  handle: FileHandle;
  /** bytes of whole lines */
  size: number;
}

async function openAppend(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await openFile(path, 'a');
  return { handle, size: (await handle.stat()).size };
}

/** All or nothing: the part that a full disk took of it would spoil the next line. */
async function appendWhole(file: OpenFile, text: string): Promise<void> {
  try {
    await file.handle.appendFile(text);
    file.size += Buffer.byteLength(text);
  } catch (error) {
    await file.handle.truncate(file.size);
    throw error;
  }
}

/** Text after the last line feed is the torn line of a process that was killed. */
async function readLines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8');
    return text.split('\n').slice(0, -1);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function writeWhole(path: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  const file = await openFile(fresh, 'w');
  try {
    await file.writeFile(lines.map((line) => `${line}\n`).join(''));
    await file.datasync();
  } catch (error) {
    // It takes the room that the lines to come need.
    await file.truncate();
    throw error;
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
