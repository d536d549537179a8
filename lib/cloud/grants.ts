import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type MachineKind, machineArn } from './machine-arn.ts';
import type { StagingTable } from './staging-table.ts';

/** Reads stagings and operations, lists them by index, and writes them. Nobody deletes one: the time to live does. */
export function grantRecords(grantee: IGrantable, table: StagingTable): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resourceArns: [table.tableArn],
  });
  Grant.addToPrincipal({ grantee, actions: ['dynamodb:Query'], resourceArns: table.indexArns });
}

/** Starts executions of the machines named. */
export function grantStart(grantee: IGrantable & Construct, installation: string, kinds: readonly MachineKind[]): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['states:StartExecution'],
    resourceArns: kinds.map((kind) => machineArn(grantee, installation, kind)),
  });
}
