import { DomainError } from './errors.js';

export interface StateTable<State extends string> {
  initial: State;
  terminal: readonly State[];
  transitions: Readonly<Record<State, readonly State[]>>;
}

export interface StateMachine<State extends string> extends StateTable<State> {
  can(from: State, to: State): boolean;
  /** Throws INVALID_TRANSITION unless the table allows it. */
  assert(from: State, to: State): void;
  isTerminal(state: State): boolean;
}

/** A lifecycle as a table, checked when it is defined: every state reachable, no way out of a terminal one, no dead end else. */
export function defineStates<State extends string>(subject: string, table: StateTable<State>): StateMachine<State> {
  validate(subject, table);
  const can = (from: State, to: State) => table.transitions[from]?.includes(to) ?? false;
  return {
    ...table,
    can,
    isTerminal: (state) => table.terminal.includes(state),
    assert(from, to) {
      if (can(from, to)) return;
      throw new DomainError('INVALID_TRANSITION', `A ${subject} that is ${from} can't become ${to}.`, {
        status: 409,
        details: { from, to, allowed: table.transitions[from] },
      });
    },
  };
}

function validate<State extends string>(subject: string, { initial, terminal, transitions }: StateTable<State>): void {
  const states = Object.keys(transitions) as State[];
  const reached = new Set<State>([initial]);
  for (const state of reached) {
    for (const next of transitions[state]) {
      if (!states.includes(next)) throw new Error(`${subject}: ${state} leads to ${next}, which is no state`);
      reached.add(next);
    }
  }
  for (const state of states) {
    if (!reached.has(state)) throw new Error(`${subject}: ${state} can't be reached from ${initial}`);
    const ends = transitions[state].length === 0;
    if (ends !== terminal.includes(state))
      throw new Error(`${subject}: ${state} is ${ends ? 'a dead end but not' : 'not a dead end but'} terminal`);
  }
}
