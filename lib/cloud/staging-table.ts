import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type TableIndex, tableIndexes, tableKey, timeToLiveAttribute } from '../../lambdas/domain/table-schema.ts';

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });

const projection = ({ projected }: TableIndex) =>
  projected === 'ALL'
    ? { projectionType: ProjectionType.ALL }
    : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...projected] };

/**
 * The one table. Encrypted with the key that DynamoDB owns: it holds no secrets (they are inputs by reference), and a key
 * of one's own would cost a KMS request for each of the sweep's and callers' reads.
 */
export class StagingTable extends Table {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      partitionKey: text(tableKey.partitionKey),
      sortKey: text(tableKey.sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      timeToLiveAttribute,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const index of Object.values(tableIndexes)) {
      this.addGlobalSecondaryIndex({
        indexName: index.indexName,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        ...projection(index),
      });
    }
  }

  indexArn(index: keyof typeof tableIndexes): string {
    return `${this.tableArn}/index/${tableIndexes[index].indexName}`;
  }
}
