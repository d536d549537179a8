import { badRequest } from '../api-error.ts';
import { listAt, stringAt } from '../json.ts';
import type { ApiParts } from './parts.ts';
import type { ApiResponse, ResourceRequest } from './request.ts';

const known = new Set(['container', 'previous', 'tailLines', 'limitBytes', 'pretty']);

/** Text of one container. What isn't simulated (following, times) is refused. @throws ApiError 400, 404 */
export function logs(parts: ApiParts, { resource, namespace = '', name = '', query }: ResourceRequest): ApiResponse {
  const pod = parts.store.require(resource, namespace, name).object;
  const unknown = [...query].find(([key, value]) => !known.has(key) && value !== 'false' && value !== '0');
  if (unknown !== undefined) throw badRequest(`logs of the simulated cluster don't have the option ${unknown[0]}`);
  const containers = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')].flatMap(
    (container) => stringAt(container, 'name') ?? [],
  );
  const regular = listAt(pod, 'spec', 'containers').flatMap((container) => stringAt(container, 'name') ?? []);
  const container = query.get('container') ?? (regular.length === 1 ? regular[0] : undefined);
  if (container === undefined || container === '') {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`);
  }
  if (!containers.includes(container)) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const tail = query.get('tailLines');
  const previous = query.get('previous') === 'true';
  const text = parts.logsOf(namespace, name, container, {
    previous,
    ...(tail === null ? {} : { tailLines: Number(tail) }),
  });
  if (text === undefined && previous) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (text === undefined) {
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  }
  const limit = Number(query.get('limitBytes') ?? 0);
  const body = limit > 0 ? Buffer.from(text).subarray(0, limit).toString() : text;
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
}
