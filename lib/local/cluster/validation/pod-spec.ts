import type { StatusCause } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt, textAt } from '../json.ts';
import { label, nameProblems } from './metadata.ts';
import { duplicateValue, invalidValue, missingReference, requiredValue } from './problems.ts';

function duplicates(names: readonly (string | undefined)[], fieldOf: (index: number) => string): StatusCause[] {
  return names.flatMap((name, index) =>
    name !== undefined && names.indexOf(name) < index ? [duplicateValue(fieldOf(index), name)] : [],
  );
}

function resourceProblems(container: JsonRecord, path: string): StatusCause[] {
  const limits = recordAt(container, 'resources', 'limits');
  return Object.entries(recordAt(container, 'resources', 'requests')).flatMap(([name, request]) => {
    const limit = limits[name];
    if (limit === undefined || quantity(request) <= quantity(limit)) return [];
    const detail = `must be less than or equal to ${name} limit of ${textAt(limit, '')}`;
    return [invalidValue(`${path}.resources.requests`, request, detail)];
  });
}

function portProblems(container: JsonRecord, path: string): StatusCause[] {
  return listAt(container, 'ports').flatMap((port, index) => {
    const number = isRecord(port) ? port['containerPort'] : undefined;
    const isPort = typeof number === 'number' && number >= 1 && number <= 65_535;
    const field = `${path}.ports[${index}].containerPort`;
    return isPort ? [] : [invalidValue(field, number, 'must be between 1 and 65535, inclusive')];
  });
}

function containerProblems(container: JsonRecord, path: string, volumes: ReadonlySet<string>): StatusCause[] {
  const name = stringAt(container, 'name') ?? '';
  const image = stringAt(container, 'image') ?? '';
  const mounts = listAt(container, 'volumeMounts').flatMap((mount, index) => {
    const volume = stringAt(mount, 'name') ?? '';
    return volumes.has(volume) ? [] : [missingReference(`${path}.volumeMounts[${index}].name`, volume)];
  });
  const padded =
    image === image.trim()
      ? []
      : [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')];
  return [
    ...(name === '' ? [requiredValue(`${path}.name`)] : nameProblems(label, name, `${path}.name`)),
    ...(image === '' ? [requiredValue(`${path}.image`)] : padded),
    ...portProblems(container, path),
    ...resourceProblems(container, path),
    ...mounts,
  ];
}

/** What is wrong with the spec of a pod or of a template. `path` is where it lies, `claimed` names volumes from elsewhere. */
export function podSpecProblems(
  spec: JsonRecord,
  path: string,
  claimed: ReadonlyArray<string | undefined> = [],
): StatusCause[] {
  const volumes = listAt(spec, 'volumes').map((volume) => stringAt(volume, 'name'));
  const known = new Set([...volumes, ...claimed].flatMap((name) => name ?? []));
  const lists = ['initContainers', 'containers'];
  const containers = lists.flatMap((list) =>
    listAt(spec, list).map((container, index) => ({ container, at: `${path}.${list}[${index}]` })),
  );
  const names = containers.map(({ container }) => stringAt(container, 'name'));
  return [
    ...(listAt(spec, 'containers').length === 0 ? [requiredValue(`${path}.containers`)] : []),
    ...containers.flatMap(({ container, at }) => (isRecord(container) ? containerProblems(container, at, known) : [])),
    ...duplicates(names, (index) => `${containers[index]?.at}.name`),
    ...duplicates(volumes, (index) => `${path}.volumes[${index}].name`),
  ];
}
