/**
 * Time and tries of every call to AWS. Each answer normally takes 5 to 50 ms; a caller of the API waits for at most two
 * of them. A hung connection is given up after a second and tried on a new one, thrice in all: under 4 s together, well
 * within API Gateway's 30 s and a step's 30 s, whose own Retry then takes over.
 */
export const clientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
} as const;
