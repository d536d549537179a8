import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Berth, type BerthProps } from './berth.ts';
import { Outputs } from './outputs.ts';

/** One installation as a stack of its own, for any account and region, with the outputs that a person needs next. */
export class ServiceStack extends Stack {
  readonly berth: Berth;

  constructor(scope: Construct, id: string, { config, functions, ...props }: BerthProps & StackProps) {
    super(scope, id, { description: 'Berth: a staging for every feature branch', ...props });
    this.berth = new Berth(this, 'Berth', { config, functions });
    new Outputs(this, 'Outputs', { config, berth: this.berth });
  }
}
