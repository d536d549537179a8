import { describe, expect, it } from 'vitest';
import { alphabetically, type Loose, simulatedCluster } from '../../../../support/simulated-cluster.ts';

const minute = 60_000;
const cronJob = (spec: Loose = {}, image = 'acme/report:1.0'): Loose => ({
  kind: 'CronJob',
  metadata: { name: 'report' },
  spec: {
    schedule: '*/5 * * * *',
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'report', image }] } } } },
    ...spec,
  },
});

describe('a CronJob', () => {
  it('starts a Job at each time of its schedule, and keeps the last three', () => {
    const cluster = simulatedCluster();
    cluster.create(cronJob());
    cluster.clock.tick(4 * minute);
    expect(cluster.list('Job')).toEqual([]);
    cluster.clock.tick(22 * minute);

    const at = (minutes: number) => Math.floor(Date.UTC(2026, 0, 1, 0, minutes) / minute);
    expect(
      cluster
        .list('Job')
        .map((job) => job.metadata.name)
        .toSorted(alphabetically),
    ).toEqual([15, 20, 25].map((minutes) => `report-${at(minutes)}`));
    expect(cluster.get('CronJob', 'report').status).toMatchObject({
      lastScheduleTime: '2026-01-01T00:25:00Z',
      lastSuccessfulTime: expect.stringMatching(/^2026-01-01T00:25/),
    });
    expect(cluster.events('SuccessfulCreate').some((event) => event.message === `Created job report-${at(25)}`)).toBe(
      true,
    );
    expect(cluster.events('SawCompletedJob').at(-1).message).toBe(
      `Saw completed job: report-${at(25)}, condition: Complete`,
    );
    expect(cluster.errors).toEqual([]);
  });

  it('starts nothing while it is suspended', () => {
    const cluster = simulatedCluster();
    cluster.create(cronJob({ suspend: true }));
    cluster.clock.tick(20 * minute);

    expect(cluster.list('Job')).toEqual([]);
  });

  it('starts one Job for all the times that passed while nothing ran', () => {
    const cluster = simulatedCluster();
    cluster.create(cronJob());
    cluster.clock.tick(minute);
    cluster.controllers.stop();
    cluster.clock.tick(48 * 60 * minute);
    cluster.restart();
    cluster.clock.tick(minute);

    expect(cluster.list('Job')).toHaveLength(1);
  });

  it('does not start beside one that still runs when that is forbidden', () => {
    const cluster = simulatedCluster();
    cluster.create(cronJob({ concurrencyPolicy: 'Forbid' }, 'acme/report:never-ready'));
    cluster.clock.tick(12 * minute);

    expect(cluster.list('Job')).toHaveLength(1);
    expect(cluster.get('CronJob', 'report').status.active).toHaveLength(1);
    expect(cluster.events('JobAlreadyActive')[0].message).toContain('concurrency policy is Forbid');
  });

  it('says that it cannot read its schedule', () => {
    const cluster = simulatedCluster();
    cluster.create(cronJob({ schedule: '@every 1h' }));
    cluster.clock.tick(1000);

    expect(cluster.events('UnparseableSchedule')).toHaveLength(1);
  });
});
