/** What Stripe's form encoding can say: names with brackets nest, numbers in brackets are positions in a list. */
export type Form = { [name: string]: FormValue };
export type FormValue = string | Form;

/** `lines[0][amount]=5` becomes `{ lines: { 0: { amount: '5' } } }`. */
export function parseForm(text: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const [first = '', ...rest] = name.replaceAll(']', '').split('[');
    const path = [first, ...rest];
    const last = path.pop() as string;
    let place = form;
    for (const part of path) {
      if (typeof place[part] !== 'object') place[part] = {};
      place = place[part] as Form;
    }
    place[last] = value;
  }
  return form;
}

export const textOf = (form: Form, name: string): string | null =>
  typeof form[name] === 'string' && form[name] !== '' ? (form[name] as string) : null;

export const formOf = (form: Form, name: string): Form => (typeof form[name] === 'object' ? (form[name] as Form) : {});

/** The items of a list, in their order. */
export const listOf = (form: Form, name: string): FormValue[] => Object.values(formOf(form, name));

export function integerOf(form: Form, name: string): number | null {
  const text = textOf(form, name);
  return text === null ? null : Number.parseInt(text, 10);
}

export function metadataOf(form: Form): Record<string, string> {
  const entries = Object.entries(formOf(form, 'metadata'));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
