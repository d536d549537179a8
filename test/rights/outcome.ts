import type { Answer } from './callers.ts';

/**
 * What became of a request, in few words: `allowed`, `no right` where the role doesn't give it, `would raise its rights` where
 * it grants what its writer hasn't got, or the policy that refuses it with its sentence.
 */
export function outcomeOf({ status, body }: Answer): string {
  if (status < 300) return 'allowed';
  const message = String(body.message ?? body);
  if (/ cannot [\w-]+ (resource|path) /.test(message)) return 'no right';
  if (message.includes('is attempting to grant RBAC permissions not currently held')) return 'would raise its rights';
  const [, policy, sentence] = /ValidatingAdmissionPolicy '([^']+)' .*? denied request: (.*)/s.exec(message) ?? [];
  if (policy !== undefined) return `${policy}: ${sentence}`;
  const podSecurity = /violates PodSecurity "[^"]+": .*/s.exec(message)?.[0];
  return podSecurity ?? `${status}: ${message}`;
}
