import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import type { Config } from './config.ts';

/**
 * Makes the cluster function's role a member of Berth's group in every cluster. No EKS access policy is given: Edit and
 * Admin can't create namespaces or quotas; what the group may do, the cluster manifests say.
 */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { config, role }: { config: Config; role: IRole }) {
    super(scope, id);
    for (const clusterName of config.clusters) {
      new CfnAccessEntry(this, clusterName, {
        clusterName,
        principalArn: role.roleArn,
        type: 'STANDARD',
        kubernetesGroups: [clusterGroupOf(config.installation)],
      });
    }
  }
}
