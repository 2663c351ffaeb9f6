/** A document with the types of what it takes and gives. */
export interface Operation<Data, Variables> {
  readonly document: string;
  /** Carries the types; there is never a value. */
  readonly types?: (variables: Variables) => Data;
}

/** A mutation of one field, whose payload tells refusals in `userErrors`. */
export interface MutationOperation<Payload, Input> {
  readonly field: string;
  readonly document: string;
  readonly types?: (input: Input) => Payload;
}

export interface UserError {
  code: string;
  message: string;
  path: string[];
}

export function defineOperation<Data, Variables extends object = Record<string, never>>(
  document: string,
): Operation<Data, Variables> {
  return { document };
}

/** The input type is named after the mutation unless said otherwise. */
export function defineMutation<Payload, Input extends object>(
  field: string,
  selection: string,
  inputType = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`,
): MutationOperation<Payload, Input> {
  return {
    field,
    document: `mutation($input: ${inputType}!) { ${field}(input: $input) { ${selection} userErrors { code message path } } }`,
  };
}
