import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readLoopbackEndpoint } from '../lib/local/dynamodb/external-endpoint.ts';
import { type Host, type HostOptions, startHost } from '../lib/local/host.ts';
import { welcome } from '../lib/local/welcome.ts';

// package.json starts this with flags that keep six heaps in one process small: V8 collects early (--optimize-for-size), but
// not so early that it does little else (heaps grow by half, and the young part may have 8 MB instead of 1), and malloc has
// two arenas instead of one a thread. With 200 stagings that is 300 MB instead of 600, for a fifth more CPU.
const usage = `npm start -- [options]

  --data DIR          where everything that lasts lies (.berth/data)
  --port N            port of the API and the stagings (4700, or a free one where that is taken)
  --reset             forget what the data folder holds
  --kubeconfig FILE   use a real cluster instead of the simulated one
  --context NAME      which of the kubeconfig's contexts; its current one where absent
  --blueprints DIR    folder of the blueprints that can be deployed (blueprints)
  --dynamodb URL      use the DynamoDB that answers there, on this machine, instead of the built-in one; it gets tables
                      of this data folder's own, and --reset leaves the former ones there and makes new ones
  --verbose           print what the functions log
`;

const defaultPort = 4700;

/** The command line was not understood. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
function readOptions(args: string[]): HostOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const port = values.port === '' ? Number.NaN : Number(values.port ?? defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${values.port || '(nothing)'} is no port`);
  if (values.context !== undefined && values.kubeconfig === undefined) {
    throw new UsageError('--context goes with --kubeconfig');
  }
  if (values.data === '') throw new UsageError('--data (nothing) is no folder');
  if (values.blueprints !== undefined && !existsSync(values.blueprints)) {
    throw new UsageError(`--blueprints ${values.blueprints || '(nothing)'} is no folder`);
  }
  const context = values.context === undefined ? {} : { context: values.context };
  const dynamodb = values.dynamodb === undefined ? undefined : readLoopbackEndpoint(values.dynamodb);
  if (values.dynamodb !== undefined && !dynamodb) {
    const found = values.dynamodb || '(nothing)';
    throw new UsageError(`--dynamodb ${found} is no endpoint on this machine, such as http://localhost:8000`);
  }
  return {
    dataDir: values.data ?? join(import.meta.dirname, '..', '.berth', 'data'),
    port,
    orAnyPort: values.port === undefined,
    reset: values.reset,
    verbose: values.verbose,
    ...(values.blueprints === undefined ? {} : { blueprintsDir: values.blueprints }),
    ...(dynamodb ? { dynamodb } : {}),
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: { file: values.kubeconfig, ...context } }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        reset: { type: 'boolean', default: false },
        kubeconfig: { type: 'string' },
        context: { type: 'string' },
        blueprints: { type: 'string' },
        dynamodb: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Ends the host in order at the first signal; a second one ends the process at once. */
function closeOnSignal(host: Host): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      host.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else {
    const host = await startHost(options);
    closeOnSignal(host);
    console.log(welcome(host));
  }
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  console.error(error instanceof UsageError ? `${text}\n\n${usage}` : text);
  process.exit(error instanceof UsageError ? 2 : 1);
}
