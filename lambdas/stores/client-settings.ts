/**
 * Time and tries of every call to AWS. Each answer normally takes 5 to 50 ms; a caller of the API waits for at most two
 * of them. A hung connection is given up after three seconds and tried on a new one, thrice in all: under 10 s together,
 * within API Gateway's 30 s and a step's 30 s, whose own Retry then takes over. Less would give up on answers that only wait
 * for a socket, where hundreds of calls share one process.
 */
export const clientSettings = {
  maxAttempts: 3,
  // No client gets middleware of its own, so the chain of each kind of call is built once.
  cacheMiddleware: true,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const;
