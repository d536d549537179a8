import { isJsonObject, type Json, toJson } from '../states/json.ts';
import type { BusEvent } from '../states/status-event.ts';
import type { Target } from '../template/parts.ts';

/** What a target of a rule is sent: its constant Input, a part of the event, a text made of parts, or the whole event. */
export function targetInput(target: Target, event: BusEvent, ruleName: string): string {
  if (target.Input !== undefined) return target.Input;
  const json = toJson(event);
  if (target.InputPath !== undefined) return JSON.stringify(atPath(json, target.InputPath) ?? null);
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap, InputTemplate } = target.InputTransformer;
  const withoutDetail = Object.fromEntries(Object.entries(event).filter(([field]) => field !== 'detail'));
  const predefined: Record<string, Json> = {
    'aws.events.rule-name': ruleName,
    'aws.events.event': toJson(withoutDetail),
    'aws.events.event.json': json,
    'aws.events.event.ingestion-time': event.time,
  };
  return fill(InputTemplate, (name) => {
    const path = InputPathsMap[name];
    return path === undefined ? predefined[name] : atPath(json, path);
  });
}

/** `$.detail.list[0].name`, the dotted part of JSONPath that EventBridge has. */
function atPath(json: Json, path: string): Json | undefined {
  const keys = path.match(/[^.[\]]+/gu)?.slice(1) ?? [];
  let value: Json | undefined = json;
  for (const key of keys) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) ? value[key] : undefined;
  }
  return value;
}

/** Placeholders inside of quotes become part of the text, those outside become JSON; a plain text becomes a JSON text. */
function fill(template: string, valueOf: (name: string) => Json | undefined): string {
  let quoted = false;
  const filled = template.replaceAll(/\\.|"|<([\w.-]+)>/gu, (found, name?: string) => {
    if (found === '"') quoted = !quoted;
    if (name === undefined) return found;
    const value = valueOf(name);
    if (!quoted) return JSON.stringify(value ?? null);
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
    return JSON.stringify(text).slice(1, -1);
  });
  try {
    return JSON.stringify(JSON.parse(filled));
  } catch {
    return JSON.stringify(filled);
  }
}
