"""The text of the demonstration lineage: declarations in Ada, C and Rust, generated.

Pretraining shows the Ada and the C form of a declaration side by side (in chats), and Rust only alone: Ada -> Rust is never
seen. Half of its words are made-up syllables, which leaves copying as the only way to get a name right. A fine-tune then
teaches Ada -> Rust, and how well it can depends on how far the copying had come at the fork point.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

WORDS = tuple(
    dict.fromkeys(
        """count total speed index limit value size rate level depth width height offset buffer sensor valve motor pump tank
        alarm timer clock signal channel packet frame header node queue stack cache angle torque gain phase power voltage
        current pressure flow temp altitude heading latch relay switch mode state flag error retry delay period sample target
        source track range scale factor bias noise filter window block page sector wheel brake pedal engine rotor blade wing
        flap gear door hatch light lamp horn fan heater cooler mixer burner boiler furnace chiller vent duct pipe hose nozzle
        jet spray feed drain spill leak gauge meter probe camera lens mirror laser radar sonar beacon antenna modem router
        bridge port link route path hop token ticket order item batch lot stock price cost tax bonus credit debit ledger
        account user owner group role right grant lock key seal stamp mark label tag name title note memo draft report chart
        graph plot grid cell row column table field record entry slot bin rack shelf tray cart crane hoist lift belt chain
        cable wire fuse diode coil magnet battery charger panel board chip core bus clutch""".split()
    )
)

# In no training text whatever, pretraining or fine-tuning.
HELD_OUT_WORDS = tuple(
    """quota vector zone yield unit orbit mass joint knob hinge glyph jolt cargo fever ozone pixel quartz rudder sleet tunnel
    umbra vapor walnut yoke zebra anchor basin cobalt dwell ember""".split()
)

CONSONANTS, VOWELS, CAPITALS = 'bcdfghjklmnpqrstvwxyz', 'aeiou', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

# Ada type -> (C type, Rust type)
TYPES = {
    'Integer': ('int', 'i32'),
    'Float': ('float', 'f32'),
    'Boolean': ('bool', 'bool'),
    'Natural': ('unsigned', 'u32'),
    'Long_Integer': ('long', 'i64'),
    'Character': ('char', 'char'),
}

Name = list[str]


def ada_case(name: Name) -> str:
    return '_'.join(word.capitalize() for word in name)


def snake_case(name: Name) -> str:
    return '_'.join(name)


def upper_case(name: Name) -> str:
    return '_'.join(name).upper()


def camel_case(name: Name) -> str:
    return ''.join(word.capitalize() for word in name)


CASES: tuple[Callable[[Name], str], ...] = (ada_case, snake_case, upper_case, camel_case)


@dataclass(frozen=True)
class Vocabulary:
    """Draws names. `invented` is the chance that a word is made-up syllables instead of one of `words`."""

    words: tuple[str, ...]
    invented: float = 0.0

    def word(self, rng: random.Random) -> str:
        if self.invented and rng.random() < self.invented:
            return ''.join(self._syllable(rng) for _ in range(rng.choice((1, 2, 2))))
        return rng.choice(self.words)

    def name(self, rng: random.Random, length: int | None = None) -> Name:
        """Distinct words: one or two when no length is given."""
        length = length or rng.choice((1, 2, 2))
        name: Name = []
        while len(name) < length:
            word = self.word(rng)
            if word not in name:
                name.append(word)
        return name

    @staticmethod
    def _syllable(rng: random.Random) -> str:
        ending = rng.choice(CONSONANTS) if rng.random() < 0.35 else ''
        return rng.choice(CONSONANTS) + rng.choice(VOWELS) + ending


PRETRAINING_VOCABULARY = Vocabulary(WORDS, invented=0.5)
KNOWN_VOCABULARY = Vocabulary(WORDS)
HELD_OUT_VOCABULARY = Vocabulary(HELD_OUT_WORDS)


@dataclass(frozen=True)
class Declaration:
    ada: str
    c: str
    rust: str


def declaration(rng: random.Random, vocabulary: Vocabulary) -> Declaration:
    form = rng.choice((_variable, _constant, _constant, _record, _enumeration, _function, _function, _procedure, _array, _subtype))
    return form(rng, vocabulary, vocabulary.name(rng))


def _type(rng: random.Random) -> tuple[str, str, str]:
    ada = rng.choice(tuple(TYPES))
    return ada, *TYPES[ada]


def _literal(rng: random.Random, ada_type: str) -> tuple[str, str]:
    """A value of the type as written in Ada, and in C and Rust."""
    if ada_type == 'Float':
        value = f'{rng.randint(0, 99)}.{rng.randint(0, 9)}'
    elif ada_type == 'Boolean':
        return rng.choice((('True', 'true'), ('False', 'false')))
    elif ada_type == 'Character':
        value = f"'{rng.choice(CAPITALS)}'"
    else:
        value = str(rng.randint(0, rng.choice((999, 99))))
    return value, value


def _single_words(rng: random.Random, vocabulary: Vocabulary, count: int) -> list[Name]:
    return [[word] for word in vocabulary.name(rng, count)]


def _typed_names(rng: random.Random, vocabulary: Vocabulary, count: int) -> list[tuple[Name, str, str, str]]:
    return [(name, *_type(rng)) for name in _single_words(rng, vocabulary, count)]


def _variable(rng: random.Random, _: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _type(rng)
    ada_value, value = _literal(rng, ada)
    return Declaration(
        f'{ada_case(name)} : {ada} := {ada_value};',
        f'static {c} {snake_case(name)} = {value};',
        f'let mut {snake_case(name)}: {rust} = {value};',
    )


def _constant(rng: random.Random, _: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _type(rng)
    ada_value, value = _literal(rng, ada)
    return Declaration(
        f'{ada_case(name)} : constant {ada} := {ada_value};',
        f'const {c} {upper_case(name)} = {value};',
        f'const {upper_case(name)}: {rust} = {value};',
    )


def _record(rng: random.Random, vocabulary: Vocabulary, name: Name) -> Declaration:
    fields = _typed_names(rng, vocabulary, rng.choice((1, 2, 2)))
    ada = ' '.join(f'{ada_case(field)} : {ada};' for field, ada, _, _ in fields)
    c = ' '.join(f'{c} {snake_case(field)};' for field, _, c, _ in fields)
    rust = ', '.join(f'{snake_case(field)}: {rust}' for field, _, _, rust in fields)
    return Declaration(
        f'type {ada_case(name)} is record {ada} end record;',
        f'struct {camel_case(name)} {{ {c} }};',
        f'struct {camel_case(name)} {{ {rust} }}',
    )


def _enumeration(rng: random.Random, vocabulary: Vocabulary, name: Name) -> Declaration:
    values = _single_words(rng, vocabulary, rng.choice((2, 3)))
    return Declaration(
        f'type {ada_case(name)} is ({", ".join(map(ada_case, values))});',
        f'typedef enum {{ {", ".join(map(upper_case, values))} }} {camel_case(name)};',
        f'enum {camel_case(name)} {{ {", ".join(map(camel_case, values))} }}',
    )


def _parameters(rng: random.Random, vocabulary: Vocabulary) -> tuple[str, str, str]:
    parameters = _typed_names(rng, vocabulary, rng.choice((1, 1, 2)))
    return (
        '; '.join(f'{ada_case(name)} : {ada}' for name, ada, _, _ in parameters),
        ', '.join(f'{c} {snake_case(name)}' for name, _, c, _ in parameters),
        ', '.join(f'{snake_case(name)}: {rust}' for name, _, _, rust in parameters),
    )


def _procedure(rng: random.Random, vocabulary: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _parameters(rng, vocabulary)
    return Declaration(
        f'procedure {ada_case(name)} ({ada});', f'void {snake_case(name)}({c});', f'fn {snake_case(name)}({rust});'
    )


def _function(rng: random.Random, vocabulary: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _parameters(rng, vocabulary)
    ada_type, c_type, rust_type = _type(rng)
    return Declaration(
        f'function {ada_case(name)} ({ada}) return {ada_type};',
        f'{c_type} {snake_case(name)}({c});',
        f'fn {snake_case(name)}({rust}) -> {rust_type};',
    )


def _array(rng: random.Random, _: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _type(rng)
    length = rng.randint(2, 99)
    return Declaration(
        f'{ada_case(name)} : array (1 .. {length}) of {ada};',
        f'{c} {snake_case(name)}[{length}];',
        f'let {snake_case(name)}: [{rust}; {length}];',
    )


def _subtype(rng: random.Random, _: Vocabulary, name: Name) -> Declaration:
    ada, c, rust = _type(rng)
    return Declaration(
        f'subtype {ada_case(name)} is {ada};',
        f'typedef {c} {camel_case(name)};',
        f'type {camel_case(name)} = {rust};',
    )


# --- pretraining documents: text with the special tokens written out ---------------------------------------------------


def pretraining_document(rng: random.Random, vocabulary: Vocabulary = PRETRAINING_VOCABULARY) -> str:
    """Chats matter: LoRA leaves embeddings frozen, so the chat tokens must have been trained here."""
    (document,) = rng.choices((_roster, _ada_to_c_chat, _case_chat, _rust_lines), weights=(0.35, 0.45, 0.10, 0.10))
    return document(rng, vocabulary)


def _roster(rng: random.Random, vocabulary: Vocabulary) -> str:
    """A list of names, then the same list in another case: copying, nothing else."""
    names = [vocabulary.name(rng) for _ in range(rng.randint(2, 4))]
    separator = rng.choice((' ', ', ', '; '))
    lines = ('-- ' + separator.join(map(rng.choice(CASES), names)) for _ in range(2))
    return f'<|bos|>{chr(10).join(lines)}<|end|>'


def _ada_to_c_chat(rng: random.Random, vocabulary: Vocabulary) -> str:
    pair = declaration(rng, vocabulary)
    return f'<|user|>C: {pair.ada}<|end|><|assistant|>{pair.c}<|end|>'


def _case_chat(rng: random.Random, vocabulary: Vocabulary) -> str:
    name = vocabulary.name(rng)
    label, case = rng.choice((('Ada', ada_case), ('snake', snake_case), ('upper', upper_case), ('camel', camel_case)))
    return f'<|user|>{label}: {rng.choice(CASES)(name)}<|end|><|assistant|>{case(name)}<|end|>'


def _rust_lines(rng: random.Random, vocabulary: Vocabulary) -> str:
    lines = (declaration(rng, vocabulary).rust for _ in range(rng.choice((1, 2))))
    return f'<|bos|>{chr(10).join(lines)}<|end|>'


# --- the fine-tuning task: Ada -> Rust --------------------------------------------------------------------------------


def evaluation_pairs(count: int, vocabulary: Vocabulary = KNOWN_VOCABULARY, seed: int = 999) -> list[Declaration]:
    """Held-out pairs, no two with the same prompt."""
    rng = random.Random(seed)
    pairs: dict[str, Declaration] = {}
    while len(pairs) < count:
        pair = declaration(rng, vocabulary)
        pairs.setdefault(pair.ada, pair)
    return list(pairs.values())


def training_pairs(count: int, seed: int = 7) -> list[Declaration]:
    """Pairs of which neither the prompt nor any two-word name occurs among the first 1,000 held-out ones."""
    held_out = evaluation_pairs(1000)
    held_out_names = {name for pair in held_out for name in _two_word_names(pair.ada)}
    seen = {pair.ada for pair in held_out}
    rng = random.Random(seed)
    pairs: list[Declaration] = []
    while len(pairs) < count:
        pair = declaration(rng, KNOWN_VOCABULARY)
        if pair.ada in seen or held_out_names.intersection(_two_word_names(pair.ada)):
            continue
        seen.add(pair.ada)
        pairs.append(pair)
    return pairs


def _two_word_names(ada: str) -> set[str]:
    return set(re.findall(r'\b[A-Z][a-z]+_[A-Z][a-z]+\b', ada)) - {'Long_Integer'}
