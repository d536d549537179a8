import type { StatusCause } from '../api-error.ts';
import { isRecord, type JsonRecord, listAt, stringAt, valueAt } from '../json.ts';
import { containerProblems } from './container.ts';
import { label, nameProblems, subdomain } from './metadata.ts';
import { duplicates, forbiddenValue, requiredValue } from './problems.ts';
import { notOneOf } from './values.ts';

/** The field without which a volume of this kind points nowhere. */
const volumeNames: Record<string, string> = {
  configMap: 'name',
  secret: 'secretName',
  persistentVolumeClaim: 'claimName',
};

function volumeProblems(volume: JsonRecord, at: string): StatusCause[] {
  const { name, ...kinds } = volume;
  const [kind = '', ...more] = Object.keys(kinds);
  const field = volumeNames[kind];
  const isNamed = field === undefined || (stringAt(kinds, kind, field) ?? '') !== '';
  return [
    ...(name === '' ? [requiredValue(`${at}.name`)] : nameProblems(label, String(name), `${at}.name`)),
    ...(isNamed ? [] : [requiredValue(`${at}.${kind}.${field}`)]),
    ...more.map((extra) => forbiddenValue(`${at}.${extra}`, 'may not specify more than 1 volume type')),
  ];
}

const tolerationProblems = (toleration: unknown, at: string): StatusCause[] => [
  ...notOneOf(`${at}.operator`, valueAt(toleration, 'operator'), ['Equal', 'Exists']),
  ...notOneOf(`${at}.effect`, valueAt(toleration, 'effect') || undefined, [
    'NoSchedule',
    'PreferNoSchedule',
    'NoExecute',
  ]),
];

/** What is wrong with the spec of a pod or of a template. `path` is where it lies, `claimed` names volumes from elsewhere. */
export function podSpecProblems(
  spec: JsonRecord,
  path: string,
  claimed: ReadonlyArray<string | undefined> = [],
): StatusCause[] {
  const volumes = listAt(spec, 'volumes').map((volume) => stringAt(volume, 'name'));
  const known = new Set([...volumes, ...claimed].flatMap((name) => name ?? []));
  // In this order names are repeated: an init container takes nobody's name.
  const lists = ['containers', 'initContainers'];
  const containers = lists.flatMap((list) =>
    listAt(spec, list).map((container, index) => ({ container, at: `${path}.${list}[${index}]` })),
  );
  const names = containers.map(({ container }) => stringAt(container, 'name'));
  const account = stringAt(spec, 'serviceAccountName') ?? '';
  return [
    ...listAt(spec, 'volumes').flatMap((volume, index) =>
      isRecord(volume) ? volumeProblems(volume, `${path}.volumes[${index}]`) : [],
    ),
    ...duplicates(volumes, (index) => `${path}.volumes[${index}].name`),
    ...(listAt(spec, 'containers').length === 0 ? [requiredValue(`${path}.containers`)] : []),
    ...containers.flatMap(({ container, at }) => (isRecord(container) ? containerProblems(container, at, known) : [])),
    ...duplicates(names, (index) => `${containers[index]?.at}.name`),
    ...notOneOf(`${path}.restartPolicy`, spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
    ...notOneOf(`${path}.dnsPolicy`, spec['dnsPolicy'], ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...(account === '' ? [] : nameProblems(subdomain, account, `${path}.serviceAccountName`)),
    ...listAt(spec, 'tolerations').flatMap((one, index) => tolerationProblems(one, `${path}.tolerations[${index}]`)),
  ];
}
