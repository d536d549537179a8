import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type MachineKind, machineArn } from './machine-arn.ts';
import type { StagingTable } from './staging-table.ts';

/** Reads stagings and operations one by one, and writes them. Nobody deletes one: the time to live does. */
export function grantRecords(grantee: IGrantable, table: StagingTable): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resourceArns: [table.tableArn],
  });
}

/** Lists what lies under one key of each: the table itself, or an index. */
export function grantLists(grantee: IGrantable, arns: readonly string[]): void {
  Grant.addToPrincipal({ grantee, actions: ['dynamodb:Query'], resourceArns: [...arns] });
}

/** Starts executions of the machines named. */
export function grantStart(grantee: IGrantable & Construct, installation: string, kinds: readonly MachineKind[]): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['states:StartExecution'],
    resourceArns: kinds.map((kind) => machineArn(grantee, installation, kind)),
  });
}
