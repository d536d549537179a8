import { appendFile } from 'node:fs/promises';

/** Puts a message that could not be delivered where a person finds it; without a queue of the sender's, too. */
export type DeadLetter = (queueArn: string | undefined, message: string, cause: string) => void;

/** The dead-letter queues of the template as one file of lines. */
export const deadLetterFile =
  (file: string, now: () => number): DeadLetter =>
  (queueArn, message, cause) => {
    const line = JSON.stringify({ at: new Date(now()).toISOString(), queueArn, cause, message });
    void appendFile(file, `${line}\n`);
  };
