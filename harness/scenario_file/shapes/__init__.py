"""Lists, mappings and records; and how an annotation becomes a kind."""

from harness.scenario_file.shapes.records import (
    NONE,
    Chosen,
    Either,
    Field,
    Is,
    Keys,
    Least,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Word,
    kind_of,
    record_of,
    word_schema,
)

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
