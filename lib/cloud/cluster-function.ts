import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ClusterSettings } from '../../lambdas/settings.ts';
import { BerthFunction, type Environment } from './berth-function.ts';
import { type FunctionProps, tableVariables } from './function-context.ts';

/**
 * Everything that talks to Kubernetes, and nothing else does. It runs on x86_64, since the layer's helm and kubectl do; its
 * concurrency is reserved, so that a burst of deploys neither floods an API server nor starves the HTTP API of the
 * account's concurrency: what comes above waits in the state machine's retry.
 */
export class ClusterFunction extends BerthFunction<Environment<ClusterSettings, 'PROBE_BASE_URL'>> {
  constructor(scope: Construct, id: string, props: FunctionProps) {
    const { config, table, directory } = props;
    const { subnetIds, securityGroupIds } = config;
    super(scope, id, {
      config,
      name: 'cluster',
      description: 'Berth: steps that apply, watch, diagnose and delete workloads',
      directory,
      // The longest that Lambda allows: a deploy that is ready within it takes one turn of its state machine.
      timeout: Duration.minutes(15),
      memorySize: 1024,
      architecture: Architecture.X86_64,
      layers: [new KubectlV35Layer(scope, `${id}Tools`)],
      reservedConcurrency: config.reservedConcurrency,
      ...(subnetIds.length > 0 ? { vpc: { subnetIds, securityGroupIds } } : {}),
      environment: {
        ...tableVariables(props),
        INSTALLATION: config.installation,
        INGRESS_NAMESPACE: config.ingressNamespace,
        HELM_PATH: '/opt/helm/helm',
        KUBECTL_PATH: '/opt/kubectl/kubectl',
        WATCH_BUDGET: '13m',
      },
    });
    this.#grantProgress(table.tableArn);
    this.#grantClusters(config.clusters);
  }

  /** Reads any item, but writes only the steps and progress of operations: a staging's status is not its to change. */
  #grantProgress(tableArn: string): void {
    this.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: [tableArn] }));
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:UpdateItem'],
        resources: [tableArn],
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['OPERATION#*'] } },
      }),
    );
  }

  /** What it may do inside a cluster, its access entry and the cluster's own roles say. */
  #grantClusters(names: readonly string[]): void {
    const arn = (name: string): string =>
      Stack.of(this).formatArn({
        service: 'eks',
        resource: 'cluster',
        resourceName: name,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
    this.addToRolePolicy(new PolicyStatement({ actions: ['eks:DescribeCluster'], resources: names.map(arn) }));
  }
}
