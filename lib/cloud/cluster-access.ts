import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import { Construct } from 'constructs';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import type { ClusterFunction } from './cluster-function.ts';
import type { Config } from './config.ts';

/**
 * Makes the cluster function's role a member of Berth's group in every cluster. No EKS access policy is given: Edit and
 * Admin can't create namespaces or quotas; what the group may do, the cluster manifests say.
 *
 * EKS refuses a role that IAM has made just now ("invalid principal"), which would take back the whole first deploy. So the
 * entries come after the function, which has waited for the role already.
 */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { config, cluster }: { config: Config; cluster: ClusterFunction }) {
    super(scope, id);
    this.node.addDependency(cluster);
    for (const clusterName of config.clusters) {
      new CfnAccessEntry(this, clusterName, {
        clusterName,
        principalArn: cluster.executionRole.roleArn,
        type: 'STANDARD',
        kubernetesGroups: [clusterGroupOf(config.installation)],
      });
    }
  }
}
