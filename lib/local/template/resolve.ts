import { local, nameProperty, nameResource, type Physical } from './physical.ts';
import type { TemplateFile } from './template-file.ts';

/** The template holds something that this host does not understand: it refuses rather than guess. */
export class TemplateRefused extends Error {
  override readonly name = 'TemplateRefused';
}

const nothing = Symbol('AWS::NoValue');

/** Turns template values into plain ones, with local names and ARNs in the place of references. */
export interface Resolver {
  /** @throws TemplateRefused for an intrinsic or a reference that the host doesn't know */
  resolve(value: unknown): unknown;
  physical(logicalId: string): Physical;
}

/** A resolver for one template; the names of its tables get `tableSuffix`. */
export function createResolver(
  template: Pick<TemplateFile, 'stackName' | 'resources' | 'parameters'>,
  tableSuffix = '',
): Resolver {
  const named = new Map<string, Physical>();

  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': local.account,
    'AWS::Region': local.region,
    'AWS::Partition': local.partition,
    'AWS::StackName': template.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${local.region}:${local.account}:stack/${template.stackName}/local`,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::NoValue': nothing,
  };

  function physical(logicalId: string): Physical {
    const known = named.get(logicalId);
    if (known) return known;
    const resource = template.resources[logicalId];
    if (!resource) throw new TemplateRefused(`nothing in the template is called "${logicalId}"`);
    const property = nameProperty(resource.Type);
    const given = property === undefined ? undefined : resource.Properties[property];
    const suffix = resource.Type.startsWith('AWS::DynamoDB::') ? tableSuffix : '';
    const name = given === undefined ? logicalId : text(given);
    const result = nameResource(resource, `${name}${suffix}`);
    named.set(logicalId, result);
    return result;
  }

  function reference(name: string): unknown {
    if (name in pseudo) return pseudo[name];
    if (name.startsWith('AWS::')) throw new TemplateRefused(`pseudo parameter ${name} is not known here`);
    if (name in template.parameters) {
      const value = template.parameters[name];
      if (value === undefined) throw new TemplateRefused(`parameter ${name} has no default`);
      return value;
    }
    return physical(name).ref;
  }

  function attribute(logicalId: string, name: string): string {
    const value = physical(logicalId).attributes[name];
    if (value === undefined) {
      const type = template.resources[logicalId]?.Type;
      throw new TemplateRefused(`attribute ${name} of ${logicalId} (${type}) is not known here`);
    }
    return value;
  }

  function text(value: unknown): string {
    const resolved = resolve(value);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    throw new TemplateRefused(`a text is needed where the template has ${JSON.stringify(value)}`);
  }

  function list(value: unknown): unknown[] {
    const resolved = resolve(value);
    if (Array.isArray(resolved)) return resolved;
    throw new TemplateRefused(`a list is needed where the template has ${JSON.stringify(value)}`);
  }

  function substitute(argument: unknown): string {
    const [format, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = new Map(Object.entries(variables ?? {}));
    if (typeof format !== 'string') throw new TemplateRefused('Fn::Sub needs a text');
    return format.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (given.has(name)) return text(given.get(name));
      const [logicalId = '', ...path] = name.split('.');
      return path.length > 0 ? attribute(logicalId, path.join('.')) : text({ Ref: name });
    });
  }

  const intrinsics: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (argument) => reference(String(argument)),
    'Fn::GetAtt': (argument) => {
      const [logicalId, name] = Array.isArray(argument) ? argument : String(argument).split(/\.(.*)/s);
      return attribute(String(logicalId), text(name));
    },
    'Fn::Sub': substitute,
    'Fn::Join': (argument) => {
      const [separator, parts] = list(argument);
      return list(parts).map(text).join(String(separator));
    },
    'Fn::Select': (argument) => {
      const [index, parts] = list(argument);
      const items = list(parts);
      if (!(Number(index) in items)) throw new TemplateRefused(`Fn::Select has no element ${String(index)}`);
      return items[Number(index)];
    },
    'Fn::Split': (argument) => {
      const [separator, whole] = list(argument);
      return text(whole).split(String(separator));
    },
  };

  function resolveObject(value: object): unknown {
    const entries = Object.entries(value);
    const [only] = entries;
    if (only && entries.length === 1 && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      const [name, argument] = only;
      const intrinsic = intrinsics[name];
      if (!intrinsic) throw new TemplateRefused(`the local host does not know ${name}`);
      return intrinsic(argument);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)] as const).filter(([, item]) => item !== nothing),
    );
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== nothing);
    if (typeof value === 'object' && value !== null) return resolveObject(value);
    if (typeof value === 'string' && value.includes('{{resolve:')) {
      throw new TemplateRefused(`dynamic reference ${value} is not known here`);
    }
    return value;
  }

  return { resolve, physical };
}
