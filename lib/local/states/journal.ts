/**
 * Where the lines of the log go. A line is durable once its append has resolved: it then survives the end of the
 * process. Lines appended at the same time share a write.
 */
export interface Journal {
  /** Every whole line, in order; what a crash left of a last line is dropped, and never read again. */
  load(): Promise<string[]>;
  append(line: string): Promise<void>;
  /** Puts these lines in the place of all that were appended before this call: all or nothing. */
  replace(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Keeps lines in the given array, and nothing on disk: for tests and for simulated time. */
export function memoryJournal(lines: string[] = []): Journal {
  return {
    load: async () => [...lines],
    append: async (line) => {
      lines.push(line);
    },
    replace: async (next) => {
      lines.splice(0, lines.length, ...next);
    },
    close: async () => {},
  };
}
