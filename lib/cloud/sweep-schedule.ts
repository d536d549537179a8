import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** Starts a sweep every minute. One that could not be started within that minute is not caught up: the next one sees the same. */
export class SweepSchedule extends Schedule {
  constructor(scope: Construct, id: string, { sweep, undelivered }: { sweep: StateMachine; undelivered: Queue }) {
    super(scope, id, {
      description: 'Berth: settles what is due',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new StepFunctionsStartExecution(sweep, {
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: undelivered,
        retryAttempts: 1,
        maxEventAge: Duration.minutes(1),
      }),
    });
  }
}
