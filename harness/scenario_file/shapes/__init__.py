"""What a value of more than one text can be: lists, mappings and records; and how an annotation becomes a kind.

A frozen dataclass is a record: its fields are the keys (a trailing underscore is dropped, so that `for_` is `for`),
its annotations say what each value is, its defaults say what may be left out, its docstring and `Says` are for people.

annotations.py   an annotation -> a kind, a dataclass -> a record; the marks that an annotation may carry
lists.py         lists, and mappings whose values are all of one kind
records.py       mappings with known keys
words.py         a word of a family, such as a fault, alone or with its settings
alternatives.py  a value or none; a text or one of several records

Kinds of one text are in `harness/scenario_file/kinds.py`.
"""

from harness.scenario_file.shapes.alternatives import NONE, Either, Maybe
from harness.scenario_file.shapes.annotations import Is, Keys, Least, kind_of, record_of
from harness.scenario_file.shapes.lists import ListOf, MapOf
from harness.scenario_file.shapes.records import Field, Record
from harness.scenario_file.shapes.words import Chosen, Word, word_schema

__all__ = [
    "NONE",
    "Chosen",
    "Either",
    "Field",
    "Is",
    "Keys",
    "Least",
    "ListOf",
    "MapOf",
    "Maybe",
    "Record",
    "Word",
    "kind_of",
    "record_of",
    "word_schema",
]
