import { isRecord, type JsonRecord } from '../json.ts';
import { change, changeEach, fill } from './fill.ts';

const probeDefaults: JsonRecord = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

const withHttp = (handler: JsonRecord): JsonRecord =>
  change(handler, 'httpGet', (get) => fill(get, { path: '/', scheme: 'HTTP' }));

/** Zero counts as left out. */
const withProbe = (container: JsonRecord, key: string): JsonRecord =>
  change(container, key, (probe) => {
    const given = Object.entries(withHttp(probe)).filter(([name, value]) => value !== 0 || !(name in probeDefaults));
    const handled = change(Object.fromEntries(given), 'grpc', (grpc) => fill(grpc, { service: '' }));
    return fill(handled, probeDefaults);
  });

const withHooks = (container: JsonRecord): JsonRecord =>
  change(container, 'lifecycle', (hooks) =>
    ['postStart', 'preStop'].reduce((changed, key) => change(changed, key, withHttp), hooks),
  );

/** `latest`, said or unsaid, is pulled each time. */
function pullPolicy(image: unknown): string {
  const text = typeof image === 'string' ? image : '';
  const lastPart = text.slice(text.lastIndexOf('/') + 1);
  const isLatest = !text.includes('@') && (!lastPart.includes(':') || lastPart.endsWith(':latest'));
  return isLatest ? 'Always' : 'IfNotPresent';
}

/** What is limited but not requested is requested as much as it is limited. */
const withRequests = (resources: JsonRecord): JsonRecord => {
  const { limits, requests } = resources;
  if (!isRecord(limits)) return resources;
  return { ...resources, requests: fill(isRecord(requests) ? requests : {}, limits) };
};

const withFieldRef = (variable: JsonRecord): JsonRecord =>
  change(variable, 'valueFrom', (from) => change(from, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })));

function containerDefaults(given: JsonRecord): JsonRecord {
  const probed = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(withProbe, withHooks(given));
  const ports = changeEach(probed, 'ports', (port) => fill(port, { protocol: 'TCP' }));
  const env = changeEach(ports, 'env', withFieldRef);
  return fill(env, {
    imagePullPolicy: pullPolicy(given['image']),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
}

function volumeDefaults(volume: JsonRecord): JsonRecord {
  const modes = ['configMap', 'secret', 'projected', 'downwardAPI'].reduce(
    (changed, key) => change(changed, key, (source) => fill(source, { defaultMode: 420 })),
    volume,
  );
  const path = change(modes, 'hostPath', (source) => fill(source, { type: '' }));
  return Object.keys(path).length === 1 ? { ...path, emptyDir: {} } : path;
}

const changeContainers = (spec: JsonRecord, changed: (container: JsonRecord) => JsonRecord): JsonRecord =>
  ['containers', 'initContainers'].reduce((left, key) => changeEach(left, key, changed), spec);

/** What the API server fills in where a pod's spec, or a template's, leaves something out. */
export function podSpecDefaults(spec: JsonRecord): JsonRecord {
  const contained = changeContainers(spec, containerDefaults);
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  return fill(changeEach(contained, 'volumes', volumeDefaults), {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
  });
}

/** A pod itself, beside what a template gets: it always has a service account, and requests what it is limited to. */
export function podDefaults(spec: JsonRecord): JsonRecord {
  const own = fill(spec, { serviceAccountName: spec['serviceAccount'] ?? 'default', enableServiceLinks: true });
  return changeContainers(podSpecDefaults(own), (container) => change(container, 'resources', withRequests));
}

export const templateDefaults = (template: JsonRecord): JsonRecord => change(template, 'spec', podSpecDefaults);
