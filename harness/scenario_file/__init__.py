"""YAML text -> scenarios and profiles, with file, line and column in each error; and the JSON Schemas for editors.

reader.py        bytes -> nodes: texts, lists and mappings with places; refuses what could hurt
kinds.py         what a single text can be: a duration, a count, one of some words; reads it and tells the schema
shapes/          lists, mappings, records; an annotation -> what it can be
language.py      the language of scenario files, as annotated dataclasses
matrix.py        puts each combination of the matrix in
timeline.py      entries of a timeline -> steps
aim.py           which port and which connection a step is aimed at, and what cannot be
loader.py        a file, or a document -> scenarios
document.py      a scenario as JSON text, for histories
profile_file.py  a profile's file -> Profile
schema.py        the JSON Schemas
problems.py      collects what is wrong, so that all of it is told at once
"""

from harness.scenario_file.loader import Particular, from_document, load
from harness.scenario_file.profile_file import load_profile
from harness.scenario_file.schema import profile_schema, schema, write_schemas

__all__ = ["Particular", "from_document", "load", "load_profile", "profile_schema", "schema", "write_schemas"]
