import { type Container, lastEnd } from '../domain/health/containers.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { KubernetesClient } from './client.ts';

/** The longest line that is kept; structured logs put a whole stack trace into one. */
const longestLine = 400;

/** A container that waits to be started again tells nothing: what it said is with its life before. */
const isBetweenLives = ({ state, lastState }: Container): boolean => Boolean(state?.waiting && lastState?.terminated);

/**
 * The last lines of a container that failed, oldest first.
 * @returns none where it never ran
 */
export async function lastLines(
  client: KubernetesClient,
  pod: KubernetesObject,
  container: Container,
  count: number,
): Promise<string[]> {
  const { namespace, name } = pod.metadata;
  const hasRun = container.state?.running !== undefined || lastEnd(container) !== undefined;
  if (!hasRun || namespace === undefined || name === undefined) return [];
  const query = {
    container: container.name,
    tailLines: count,
    ...(isBetweenLives(container) ? { previous: true } : {}),
  };
  const text = await client.logs(namespace, name, query);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine - 1).toWellFormed()}…` : line));
}
