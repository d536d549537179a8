import { dirname } from 'node:path';
import * as z from 'zod';

/**
 * Opens a part of the data folder.
 * @throws Error that says what can be done where what lies there can't be understood; a full disk says so itself
 */
export async function openData<T>(path: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const reasons = reasonsOf(error);
    if (!reasons.some(isOfTheData)) throw error;
    const why = reasons.map((reason) => (reason instanceof z.ZodError ? z.prettifyError(reason) : reason.message));
    throw new Error(
      `${path} can't be read (${why.join(': ')}): start with --reset, which forgets all that ${dirname(path)} holds, or choose another --data`,
      { cause: error },
    );
  }
}

/** The error, and what it comes from. */
const reasonsOf = (error: unknown): Error[] => (error instanceof Error ? [error, ...reasonsOf(error.cause)] : []);

/** What another start would find again: nobody is to throw data away because a disk is full, or another process has it. */
const isOfTheData = (error: Error): boolean =>
  error instanceof SyntaxError || error instanceof z.ZodError || ('code' in error && error.code === 'LEVEL_CORRUPTION');
