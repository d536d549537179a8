/**
 * Pods with this label are run by kwok, by the stages below, and by no kubelet of the tests' own. What Berth reads of a pod is
 * held against two kubelets that share no line.
 */
export const runByKwok = { 'berth.test/run-by': 'kwok' } as const;

/** Where a pod of one container is, as jq reads it off its status. */
const state = `(.status.containerStatuses // [])[0]
  | if . == null then "none"
    elif .state.waiting then .state.waiting.reason
    elif .state.terminated then "ended"
    elif .ready then "ready"
    else "running" end`;

const image = '.spec.containers[0].image';
const isNoImage = `${image} | test("[A-Z ]")`;

/** The tag says what happens; nothing where the image has none. */
const tag = `${image} | select(test(":[a-z0-9.-]+$")) | split(":")[-1]`;

interface Condition {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: readonly string[];
}

const where = (key: string, ...values: string[]): Condition => ({ key, operator: 'In', values });
const unless = (key: string, ...values: string[]): Condition => ({ key, operator: 'NotIn', values });
const stays: Condition = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const leaves: Condition = { key: '.metadata.deletionTimestamp', operator: 'Exists' };

interface Next {
  statusTemplate?: string;
  event?: { type: 'Normal' | 'Warning'; reason: string; message: string };
  delete?: true;
}

/** One step of a pod's life. kwok chooses among those that match by chance: no two may match at once. */
const stage = (name: string, matchExpressions: readonly Condition[], durationMilliseconds: number, next: Next) => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: { matchLabels: runByKwok, matchExpressions },
    delay: { durationMilliseconds },
    next,
  },
});

/** A container's status. Its template sees the pod as `.`, the container as `$item`, its status so far as `$was`. */
const containers = (status: string): string => `
{{ $now := Now }}
{{ $pod := . }}
containerStatuses:
{{ range $index, $item := .spec.containers }}
{{ $was := dict "restartCount" 0 "lastState" dict }}
{{ if $pod.status.containerStatuses }}{{ $was = index $pod.status.containerStatuses $index }}{{ end }}
- name: {{ $item.name | Quote }}
  image: {{ $item.image | Quote }}
  imageID: ""
${status.trim().replaceAll(/^/gm, '  ')}
{{ end }}
`;

const conditions = (ready: boolean): string => `
conditions:
{{ range $type := list "Ready" "ContainersReady" }}
- type: {{ $type }}
  status: ${ready ? '"True"' : '"False"'}
  ${ready ? 'reason: ""' : 'reason: ContainersNotReady'}
  lastTransitionTime: {{ Now | Quote }}
{{ end }}
`;

/** Restarts and the last end stay what they were. */
const remembered = `restartCount: {{ $was.restartCount }}
lastState: {{ or $was.lastState dict | toJson }}`;

const waiting = (reason: string, message: string): string => `
ready: false
started: false
${remembered}
state: { waiting: { reason: ${reason}, message: ${message} } }
`;

const full = '{{ $item.image }}';
const why = `{{ if hasSuffix ":denied" $item.image -}}
pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed
{{- else -}} ${full}: not found {{- end }}`;
const pullError = `rpc error: code = {{ if hasSuffix ":denied" $item.image }}Unknown{{ else }}NotFound{{ end }} desc = failed to pull and unpack image \\"${full}\\": failed to resolve reference \\"${full}\\": ${why}`;

const running = (ready: boolean, restartCount = '{{ $was.restartCount }}'): string => `
ready: ${ready}
started: true
restartCount: ${restartCount}
lastState: {{ or $was.lastState dict | toJson }}
state: { running: { startedAt: {{ $now | Quote }} } }
`;

const times = 'startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}';
const done = `{ exitCode: 0, reason: Completed, ${times} }`;
const broken = `{ exitCode: {{ if hasSuffix ":oom" $item.image }}137{{ else }}1{{ end }}, reason: {{ if hasSuffix ":oom" $item.image }}OOMKilled{{ else }}Error{{ end }}, ${times} }`;

const ended = (end: string): string => `
ready: false
started: false
${remembered}
state: { terminated: ${end} }
`;

const backOffMessage =
  'back-off {{ if lt (int $was.restartCount) 2 }}10{{ else }}20{{ end }}s restarting failed container={{ $item.name }} pod={{ $pod.metadata.name }}_{{ $pod.metadata.namespace }}({{ $pod.metadata.uid }})';

const unpullable = ['missing', 'denied'];
const failing = ['crash', 'oom', 'exit-1'];
const service = where('.spec.restartPolicy', 'Always');
const task = where('.spec.restartPolicy', 'Never');

/** Real kubelets wait ten seconds and more where this says less: nobody waits for them here. */
const moment = 50;
const backOff = 400;
const slowly = 3_000;

/** The lives of pods that kwok runs, as statuses, reasons, Events and restart counts of real kubelets tell of them. */
export const podStages = [
  stage('pod-is-taken-up', [stays, where(state, 'none'), { key: '.spec.nodeName', operator: 'Exists' }], moment, {
    statusTemplate: `
phase: Pending
startTime: {{ Now | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName false .metadata.uid .metadata.name .metadata.namespace | Quote }}
${conditions(false)}${containers('ready: false\nstarted: false\nrestartCount: 0\nstate: { waiting: { reason: ContainerCreating } }')}`,
  }),
  stage('image-name-is-none', [stays, where(state, 'ContainerCreating'), where(isNoImage, 'true')], moment, {
    event: {
      type: 'Warning',
      reason: 'InspectFailed',
      message: 'Failed to apply default image tag: invalid reference format',
    },
    statusTemplate: containers(
      waiting(
        'InvalidImageName',
        `"Failed to apply default image tag \\"${full}\\": couldn't parse image reference \\"${full}\\": invalid reference format"`,
      ),
    ),
  }),
  stage(
    'pull-fails',
    [stays, where(state, 'ContainerCreating', 'ImagePullBackOff'), where(tag, ...unpullable)],
    backOff,
    {
      event: { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
      statusTemplate: containers(waiting('ErrImagePull', `"${pullError}"`)),
    },
  ),
  stage('pull-waits', [stays, where(state, 'ErrImagePull')], moment, {
    event: { type: 'Normal', reason: 'BackOff', message: 'Back-off pulling image' },
    statusTemplate: containers(
      waiting('ImagePullBackOff', `"Back-off pulling image \\"${full}\\": ErrImagePull: ${pullError}"`),
    ),
  }),
  stage('configuration-is-missing', [stays, where(state, 'ContainerCreating'), where(tag, 'no-config')], moment, {
    event: { type: 'Warning', reason: 'Failed', message: 'Error: secret "absent" not found' },
    statusTemplate: containers(waiting('CreateContainerConfigError', `'secret "absent" not found'`)),
  }),
  stage(
    'container-starts',
    [stays, where(state, 'ContainerCreating'), unless(tag, ...unpullable, 'no-config'), unless(isNoImage, 'true')],
    moment,
    { statusTemplate: `phase: Running\n${containers(running(false))}` },
  ),
  stage(
    'container-gets-ready',
    [stays, where(state, 'running'), service, unless(tag, ...failing, 'never-ready', 'slow')],
    moment,
    { statusTemplate: conditions(true) + containers(running(true)) },
  ),
  stage('container-gets-ready-slowly', [stays, where(state, 'running'), service, where(tag, 'slow')], slowly, {
    statusTemplate: conditions(true) + containers(running(true)),
  }),
  stage('probe-fails', [stays, where(state, 'running'), service, where(tag, 'never-ready')], moment, {
    event: {
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
    },
  }),
  stage('container-crashes', [stays, where(state, 'running'), service, where(tag, ...failing)], moment, {
    statusTemplate: containers(ended(broken)),
  }),
  stage('restart-waits', [stays, where(state, 'ended'), service], moment, {
    event: { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container' },
    statusTemplate: containers(`
ready: false
started: false
restartCount: {{ $was.restartCount }}
lastState: { terminated: ${broken} }
state: { waiting: { reason: CrashLoopBackOff, message: "${backOffMessage}" } }
`),
  }),
  stage('container-is-restarted', [stays, where(state, 'CrashLoopBackOff')], backOff, {
    statusTemplate: containers(running(false, '{{ add1 (int $was.restartCount) }}')),
  }),
  stage('task-fails', [stays, where(state, 'running'), task, where(tag, ...failing)], moment, {
    statusTemplate: `phase: Failed\n${containers(ended(broken))}`,
  }),
  stage('task-is-done', [stays, where(state, 'running'), task, unless(tag, ...failing)], moment, {
    statusTemplate: `phase: Succeeded\n${containers(ended(done))}`,
  }),
  stage('pod-leaves', [leaves, unless(tag, 'stuck-terminating')], moment, { delete: true }),
  stage('pod-leaves-slowly', [leaves, where(tag, 'stuck-terminating')], slowly, { delete: true }),
];
