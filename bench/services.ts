import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Where the local table and Step Functions are. */
export interface ServiceAddresses {
  tableName: string;
  tableUrl: string;
  servicesUrl: string;
  /** variables of the api function */
  environment: Record<string, string>;
}

/**
 * The local table and Step Functions by themselves, in a process of their own, as no function shares one with them in AWS:
 * what they do after an answer is not the caller's time.
 */
export async function openServices(): Promise<ServiceAddresses & AsyncDisposable> {
  const services = fork(new URL('./services-process.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(services, 'exit');
  const addresses = await Promise.race([
    once(services, 'message').then(([message]) => message as ServiceAddresses),
    ended.then(([code]) => {
      throw new Error(`the services ended with ${code} before they were there`);
    }),
  ]);
  return {
    ...addresses,
    async [Symbol.asyncDispose]() {
      services.disconnect();
      await ended;
    },
  };
}
