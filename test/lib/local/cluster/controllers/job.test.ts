import { describe, expect, it } from 'vitest';
import { usualTimings } from '../../../../../lib/local/cluster/controllers/timings.ts';
import { condition, type Loose, simulatedCluster } from '../../../../support/simulated-cluster.ts';

const job = (image: string, spec: Loose = {}, podSpec: Loose = {}): Loose => ({
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image }], ...podSpec } },
    ...spec,
  },
});

describe('a Job', () => {
  it('completes when its pod has succeeded', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:1.0'));
    cluster.clock.tick(2000);

    const { status } = cluster.get('Job', 'migrate');
    expect(status).toMatchObject({
      succeeded: 1,
      startTime: expect.any(String),
      completionTime: expect.any(String),
      ready: 0,
    });
    expect(status.active).toBeUndefined();
    for (const type of ['SuccessCriteriaMet', 'Complete'])
      expect(condition({ status }, type)).toMatchObject({
        status: 'True',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      });
    const [pod] = cluster.list('Pod');
    expect(pod.status.phase).toBe('Succeeded');
    expect(condition(pod, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
    expect(pod.metadata.labels).toMatchObject({ 'job-name': 'migrate', 'batch.kubernetes.io/job-name': 'migrate' });
    expect(cluster.events('Completed')[0].message).toBe('Job completed');
    expect(cluster.controllers.logsOf('shop', pod.metadata.name, 'migrate')).toContain('done');
  });

  it('runs no more pods at once than its parallelism, until all completions are reached', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:1.0', { completions: 5, parallelism: 2, completionMode: 'Indexed' }));
    let most = 0;
    for (let time = 0; time < 5000; time += 10) {
      cluster.clock.tick(10);
      most = Math.max(most, cluster.get('Job', 'migrate').status.active ?? 0);
    }

    expect(most).toBe(2);
    expect(cluster.get('Job', 'migrate').status).toMatchObject({ succeeded: 5, completedIndexes: '0-4' });
  });

  it('fails when its pods have failed more often than its limit, ever later', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:exit-1', { backoffLimit: 2 }));
    const starts: number[] = [];
    for (let time = 0; time < 5000; time += 10) {
      cluster.clock.tick(10);
      while (starts.length < cluster.list('Pod').length) starts.push(time);
    }
    const [first = 0, second = 0, third = 0] = starts;

    const { status } = cluster.get('Job', 'migrate');
    expect(status.failed).toBe(3);
    for (const type of ['FailureTarget', 'Failed'])
      expect(condition({ status }, type)).toMatchObject({
        status: 'True',
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      });
    expect(cluster.events('BackoffLimitExceeded')).toHaveLength(1);
    expect(third - second - (second - first)).toBeCloseTo(usualTimings.jobBackoff, -2);
    expect(cluster.list('Pod')).toHaveLength(3);
  });

  it('counts restarts where the pod is restarted instead of replaced', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:exit-1', { backoffLimit: 1 }, { restartPolicy: 'OnFailure' }));
    cluster.clock.tick(5000);

    expect(condition(cluster.get('Job', 'migrate'), 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded' });
    expect(cluster.list('Pod')).toEqual([]);
  });

  it('fails when it is not done before its deadline', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:slow', { activeDeadlineSeconds: 2 }));
    cluster.clock.tick(3000);

    expect(condition(cluster.get('Job', 'migrate'), 'Failed')).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    });
    expect(cluster.list('Pod')).toEqual([]);
  });

  it('is deleted with its pods when its time to live is over', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:1.0', { ttlSecondsAfterFinished: 10 }));
    cluster.clock.tick(5000);
    expect(cluster.get('Job', 'migrate')).toBeDefined();
    cluster.clock.tick(10_000);

    expect(cluster.get('Job', 'migrate')).toBeUndefined();
    expect(cluster.list('Pod')).toEqual([]);
  });

  it('stops while it is suspended, and starts over when it no longer is', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:1.0', { suspend: true }));
    cluster.clock.tick(1000);
    expect(cluster.list('Pod')).toEqual([]);
    expect(condition(cluster.get('Job', 'migrate'), 'Suspended')).toMatchObject({
      status: 'True',
      reason: 'JobSuspended',
    });

    cluster.change('Job', 'migrate', (spec) => ({ ...spec, suspend: false }));
    cluster.clock.tick(2000);

    expect(condition(cluster.get('Job', 'migrate'), 'Suspended')).toMatchObject({
      status: 'False',
      reason: 'JobResumed',
    });
    expect(cluster.get('Job', 'migrate').status.succeeded).toBe(1);
  });

  it('is not run again after a restart of the controllers', () => {
    const cluster = simulatedCluster();
    cluster.create(job('acme/migrate:1.0'));
    cluster.clock.tick(250);
    cluster.restart();
    cluster.clock.tick(3000);

    expect(cluster.list('Pod')).toHaveLength(1);
    expect(cluster.get('Job', 'migrate').status.succeeded).toBe(1);
  });
});
