// SPDX-License-Identifier: ISC
// What a problem document says about fields, found by the names a form uses.

export interface FieldError {
  field: string;
  message: string;
}

// The one request has its configuration in the query, under these keys.
const aliases: Record<string, string> = {
  cpu: 'cpus', arg: 'arguments', network: 'networks', volume: 'volumes',
  exit_code: 'exit_codes', digest: 'image',
};

/** "config.cpu[1]" is "cpus[1]". */
function canonical(field: string): string {
  const [, head = '', rest = ''] =
    /^(?:config\.)?([^.[]*)(.*)$/s.exec(field) ?? [];
  return (aliases[head] ?? head) + rest;
}

function isUnder(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}[`) ||
    field.startsWith(`${name}.`);
}

/** The message for a field, or else for the first one below it. */
export function fieldMessage(errors: FieldError[] | undefined, name: string):
string | undefined {
  const found = (errors ?? []).map((e) => ({ ...e, field: canonical(e.field) }));
  const exact = found.find((e) => e.field === name);
  if (exact) return exact.message;
  const below = found.find((e) => isUnder(e.field, name));
  const place = below && /^\[(\d+)\]$/.exec(below.field.slice(name.length));
  return place ? `${Number(place[1]) + 1}: ${below.message}` : below?.message;
}

/** What is said about fields which the form does not have. */
export function otherErrors(errors: FieldError[] | undefined, names: string[]):
FieldError[] {
  return (errors ?? []).filter((e) =>
    !names.some((name) => isUnder(canonical(e.field), name)));
}
