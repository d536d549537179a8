import * as z from 'zod';

/** A string that is nothing but one JSONata expression. */
export const expressionPattern = /^\{%[\s\S]*%\}$/;
const Expression = z.string().regex(expressionPattern, 'expected a JSONata expression, "{% … %}"');

const numberOr = (number: z.ZodNumber): z.ZodUnion<readonly [z.ZodNumber, typeof Expression]> =>
  z.union([number, Expression]);

const StateName = z.string().min(1).max(80);
const Template = z.json();
const Variables = z.record(
  z
    .string()
    .max(80)
    .regex(/^[\p{ID_Start}_][\p{ID_Continue}]*$/u, 'a variable is named like an identifier'),
  Template,
);

const Common = {
  Comment: z.string().exactOptional(),
  QueryLanguage: z.literal('JSONata').exactOptional(),
};
const Flow = { Next: StateName.exactOptional(), End: z.boolean().exactOptional() };
const Result = { Output: Template.exactOptional(), Assign: Variables.exactOptional() };
const ErrorNames = z.array(z.string().min(1)).min(1);

export const Retrier = z.strictObject({
  Comment: z.string().exactOptional(),
  ErrorEquals: ErrorNames,
  IntervalSeconds: z.int().positive().exactOptional(),
  MaxAttempts: z.int().min(0).max(99_999_999).exactOptional(),
  BackoffRate: z.number().min(1).exactOptional(),
  MaxDelaySeconds: z.int().positive().max(31_622_399).exactOptional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).exactOptional(),
});
export type Retrier = z.infer<typeof Retrier>;

export const Catcher = z.strictObject({
  Comment: z.string().exactOptional(),
  ErrorEquals: ErrorNames,
  Next: StateName,
  ...Result,
});
export type Catcher = z.infer<typeof Catcher>;

const Handlers = { Retry: z.array(Retrier).exactOptional(), Catch: z.array(Catcher).exactOptional() };

const Task = z.strictObject({
  ...Common,
  ...Flow,
  ...Result,
  ...Handlers,
  Type: z.literal('Task'),
  Resource: z.string().startsWith('arn:'),
  Arguments: Template.exactOptional(),
  TimeoutSeconds: numberOr(z.int().positive()).exactOptional(),
});
export type Task = z.infer<typeof Task>;

const Rule = z.strictObject({
  Comment: z.string().exactOptional(),
  Condition: z.union([z.boolean(), Expression]),
  Next: StateName,
  ...Result,
});

const Choice = z.strictObject({
  ...Common,
  ...Result,
  Type: z.literal('Choice'),
  Choices: z.array(Rule).min(1),
  Default: StateName.exactOptional(),
});
export type Choice = z.infer<typeof Choice>;

const Pass = z.strictObject({ ...Common, ...Flow, ...Result, Type: z.literal('Pass') });
export type Pass = z.infer<typeof Pass>;

const Wait = z.strictObject({
  ...Common,
  ...Flow,
  ...Result,
  Type: z.literal('Wait'),
  Seconds: numberOr(z.int().min(0).max(99_999_999)).exactOptional(),
  Timestamp: z.union([Expression, z.iso.datetime({ offset: true })]).exactOptional(),
});
export type Wait = z.infer<typeof Wait>;

const Succeed = z.strictObject({ ...Common, Type: z.literal('Succeed'), Output: Template.exactOptional() });
export type Succeed = z.infer<typeof Succeed>;

const Fail = z.strictObject({
  ...Common,
  Type: z.literal('Fail'),
  Error: z.string().exactOptional(),
  Cause: z.string().exactOptional(),
});
export type Fail = z.infer<typeof Fail>;

const ProcessorConfig = z.strictObject({ Mode: z.literal('INLINE') });

/** The states of a Map's iteration or of a Parallel's branch: a scope of its own, inside the machine. */
export interface Branch {
  Comment?: string;
  QueryLanguage?: 'JSONata';
  ProcessorConfig?: { Mode: 'INLINE' };
  StartAt: string;
  States: Record<string, State>;
}
const Branch: z.ZodType<Branch> = z.lazy(() =>
  z.strictObject({
    ...Common,
    ProcessorConfig: ProcessorConfig.exactOptional(),
    StartAt: StateName,
    States: z.record(StateName, State),
  }),
);

const Map = z.strictObject({
  ...Common,
  ...Flow,
  ...Result,
  ...Handlers,
  Type: z.literal('Map'),
  ItemProcessor: Branch,
  Items: z.union([Expression, z.array(z.json())]).exactOptional(),
  ItemSelector: Template.exactOptional(),
  MaxConcurrency: numberOr(z.int().min(0)).exactOptional(),
  ToleratedFailureCount: numberOr(z.int().min(0)).exactOptional(),
  ToleratedFailurePercentage: numberOr(z.number().min(0).max(100)).exactOptional(),
});
export type MapState = z.infer<typeof Map>;

const Parallel = z.strictObject({
  ...Common,
  ...Flow,
  ...Result,
  ...Handlers,
  Type: z.literal('Parallel'),
  Branches: z.array(Branch).min(1),
  Arguments: Template.exactOptional(),
});
export type Parallel = z.infer<typeof Parallel>;

export type State = Task | Choice | Pass | Wait | Succeed | Fail | MapState | Parallel;
const State: z.ZodType<State> = z.lazy(() =>
  z.discriminatedUnion('Type', [Task, Choice, Pass, Wait, Succeed, Fail, Map, Parallel]),
);

/** A JSONata-mode machine as the Amazon States Language has it; a field that JSONata mode doesn't know is refused. */
export const Definition = z.strictObject({
  Comment: z.string().exactOptional(),
  QueryLanguage: z.literal('JSONata'),
  Version: z.literal('1.0').exactOptional(),
  StartAt: StateName,
  TimeoutSeconds: z.int().positive().max(99_999_999).exactOptional(),
  States: z.record(StateName, State),
});
export type Definition = z.infer<typeof Definition>;
