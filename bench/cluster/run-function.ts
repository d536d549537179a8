import { createRequire } from 'node:module';

interface Work {
  file: string;
  events: readonly object[];
}

type Handler = (event: object, context: object) => Promise<unknown>;

process.once('message', ({ file, events }: Work) => void work(file, events));

/** Loads a function, hands it the events in turn, and tells the most memory that this process ever had resident, in bytes. */
async function work(file: string, events: readonly object[]): Promise<void> {
  const { handler } = createRequire(import.meta.url)(file) as { handler: Handler };
  for (const event of events) await handler(event, {});
  process.send?.({ peak: process.resourceUsage().maxRSS * 1024 }, () => process.exit(0));
}
