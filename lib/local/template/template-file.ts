import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
export type CloudFormationResource = z.infer<typeof Resource>;

const Template = z.looseObject({
  Resources: z.record(z.string(), Resource),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })).default({}),
});

const Assets = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/** A synthesized stack as it lies in `cdk.out`. */
export interface TemplateFile {
  stackName: string;
  resources: Readonly<Record<string, CloudFormationResource>>;
  /** parameters with their defaults */
  parameters: Readonly<Record<string, unknown>>;
  /** absolute path of what `cdk deploy` would upload to a key of the assets' bucket; undefined where there is none */
  asset(objectKey: string): string | undefined;
}

/** Reads `<stack>.template.json` and `<stack>.assets.json` out of a cloud assembly. */
export async function readTemplateFile(assembly: string, stackName: string): Promise<TemplateFile> {
  const [template, assets] = await Promise.all([
    readFile(join(assembly, `${stackName}.template.json`), 'utf8'),
    readFile(join(assembly, `${stackName}.assets.json`), 'utf8'),
  ]);
  const { Resources, Parameters } = Template.parse(JSON.parse(template));
  const paths = new Map<string, string>();
  for (const file of Object.values(Assets.parse(JSON.parse(assets)).files)) {
    for (const { objectKey } of Object.values(file.destinations)) {
      if (file.source.path !== undefined) paths.set(objectKey, join(assembly, file.source.path));
    }
  }
  return {
    stackName,
    resources: Resources,
    parameters: Object.fromEntries(Object.entries(Parameters).map(([name, { Default }]) => [name, Default])),
    asset: (objectKey) => paths.get(objectKey),
  };
}
