import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Where the functions' output and the host's own words go. */
export interface HostLog extends AsyncDisposable {
  file: string;
  stream: Writable;
  line(text: string): void;
}

/** A log of this size is begun anew at the next start. */
const largest = 20 * 1024 * 1024;

/** Opens the log in the data folder; `echo` also gets everything. */
export async function openLog(dataDir: string, echo: Writable | undefined): Promise<HostLog> {
  const file = join(dataDir, 'log', 'functions.log');
  await mkdir(join(dataDir, 'log'), { recursive: true });
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const kept = createWriteStream(file, { flags: size > largest ? 'w' : 'a' });
  const stream = new Writable({
    write(chunk, _encoding, done) {
      echo?.write(chunk);
      kept.write(chunk, done);
    },
    // What came while a write was under way goes out as one.
    writev(chunks, done) {
      const whole = Buffer.concat(chunks.map(({ chunk }) => chunk));
      echo?.write(whole);
      kept.write(whole, done);
    },
  });
  // One pipe a thread's stream, and a thread more for each that is replaced.
  stream.setMaxListeners(0);
  return {
    file,
    stream,
    line: (text) => void stream.write(`${text}\n`),
    async [Symbol.asyncDispose]() {
      kept.end();
      await finished(kept);
    },
  };
}
