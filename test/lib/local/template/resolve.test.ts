import { describe, expect, it } from 'vitest';
import { createResolver, TemplateRefused } from '../../../../lib/local/template/resolve.ts';

const resolver = createResolver({
  stackName: 'berth',
  parameters: { Stage: 'blue', Unset: undefined },
  resources: {
    Table: { Type: 'AWS::DynamoDB::Table', Properties: {} },
    Deploy: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { StateMachineName: { 'Fn::Sub': '${AWS::StackName}-deploy' } },
    },
    Api: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'berth-api' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Access: { Type: 'AWS::EKS::AccessEntry', Properties: {} },
  },
});
const resolve = (value: unknown): unknown => resolver.resolve(value);
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:berth-deploy';

describe('resolver', () => {
  it.each([
    ['a table by Ref', { Ref: 'Table' }, 'Table'],
    ['a table by ARN', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:us-east-1:000000000000:table/Table'],
    ['a state machine by Ref', { Ref: 'Deploy' }, machineArn],
    ['a state machine’s name', { 'Fn::GetAtt': 'Deploy.Name' }, 'berth-deploy'],
    ['a function by Ref', { Ref: 'Api' }, 'berth-api'],
    ['a queue by Ref', { Ref: 'Queue' }, 'https://sqs.us-east-1.amazonaws.com/000000000000/Queue'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['a parameter’s default', { Ref: 'Stage' }, 'blue'],
    ['a resource without a naming rule', { Ref: 'Access' }, 'Access'],
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'Table' }, 'b']] }, 'a:Table:b'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Api' }] }] }, 'api'],
    ['Sub with an attribute', { 'Fn::Sub': 'x/${Deploy.Arn}/${Stage}' }, `x/${machineArn}/blue`],
    ['Sub with its own variables', { 'Fn::Sub': ['${Mine}-${!Kept}', { Mine: { Ref: 'Table' } }] }, 'Table-${Kept}'],
  ])('resolves %s', (_what, given, expected) => {
    expect(resolve(given)).toEqual(expected);
  });

  it('leaves out what is AWS::NoValue, in objects and in lists', () => {
    expect(resolve({ kept: 1, gone: { Ref: 'AWS::NoValue' }, list: [{ Ref: 'AWS::NoValue' }, 2] })).toEqual({
      kept: 1,
      list: [2],
    });
  });

  it.each([
    ['an unknown intrinsic', { 'Fn::ImportValue': 'other' }, /Fn::ImportValue/],
    ['a condition', { 'Fn::If': ['a', 'b', 'c'] }, /Fn::If/],
    ['an unknown resource', { Ref: 'Nobody' }, /"Nobody"/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Access', 'AccessEntryArn'] }, /AccessEntryArn of Access/],
    ['an unknown pseudo parameter', { Ref: 'AWS::NotificationARNs' }, /NotificationARNs/],
    ['a parameter without a default', { Ref: 'Unset' }, /no default/],
    ['a dynamic reference', '{{resolve:ssm:/a}}', /dynamic reference/],
    ['an index out of range', { 'Fn::Select': [4, ['a']] }, /no element 4/],
    ['an object where a text is needed', { 'Fn::Join': ['', [{ a: 1 }]] }, /a text is needed/],
  ])('refuses %s', (_what, given, message) => {
    expect(() => resolve(given)).toThrow(TemplateRefused);
    expect(() => resolve(given)).toThrow(message);
  });
});
