/**
 * The endpoint that `npm run test:dynamodb` runs the suites against; undefined where they use dynalite. Nothing else
 * reads the variable.
 */
export const givenDynamoDb = (): string | undefined => process.env.BERTH_TEST_DYNAMODB || undefined;
