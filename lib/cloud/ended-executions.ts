import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

interface EndedExecutionsProps {
  machines: readonly StateMachine[];
  records: IFunction;
  undelivered: Queue;
}

/**
 * Tells the records function of executions that ended badly: a stopped execution and one out of time pass every Catch by,
 * and a staging whose execution is gone must not stay Deploying. The function gets the event as AWS sends it.
 */
export class EndedExecutions extends Rule {
  constructor(scope: Construct, id: string, { machines, records, undelivered }: EndedExecutionsProps) {
    super(scope, id, {
      description: 'Berth: executions that ended without success',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: machines.map((machine) => machine.stateMachineArn),
        },
      },
      targets: [
        new LambdaFunction(records, {
          deadLetterQueue: undelivered,
          retryAttempts: 24,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
  }
}
