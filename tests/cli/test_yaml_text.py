"""A file is read as its writer meant it, or refused with a line and a sentence."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.cli.yaml_text import JSON_MIB, MIB, YAML_MIB, parse, read_document
from portal.domain.notices.refusals import Refusal


def written(folder: Path, content: str | bytes, name: str = "file.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_every_scalar_stays_the_text_it_was_written_as() -> None:
    text = "a: 17:00\nb: 99.90\nc: no\nd: 2026-06-01\ne: 0x10\nf: ~\ng: 1e3\nh: null\n"
    assert parse(text) == {
        "a": "17:00",
        "b": "99.90",
        "c": "no",
        "d": "2026-06-01",
        "e": "0x10",
        "f": "~",
        "g": "1e3",
        "h": "null",
    }


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert parse("a: {'<<': {b: 1}}") == {"a": {"<<": {"b": "1"}}}


def test_a_tag_cannot_make_anything_but_text(tmp_path: Path) -> None:
    assert parse("a: !!python/object/apply:os.system ['true']") == {"a": ["true"]}
    assert parse("a: !!float 1.5") == {"a": "1.5"}


REFUSED = [
    ("a: 1\nb: 2\na: 3\n", "line 3: The key 'a' stands here more than once."),
    ("a: {b: 1, b: 2}\n", "line 1: The key 'b' stands here more than once."),
    ("a: &x [1]\nb: *x\n", "line 2: Write the value out; aliases are not read."),
    ("a: [1\n", "line 2:"),
    ("a: b: c\n", "line 1:"),
    ("a: \x00\n", "special characters are not allowed"),
    ("[" * 100, "nested too deep"),
    ("- " * 200 + "a", "nested too deep"),
    ("a: 1\n---\nb: 2\n", "but found another document"),
    ("? [a]\n: 1\n", "found unhashable key"),
    ("a: \t\t- 1\n\t- 2\n", "line"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_a_reader_could_overlook_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_document(written(tmp_path, text))
    assert words in refused.value.sentence
    assert "file.yaml cannot be read" in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]" for before, after in pairwise("abcdefghi")]
    with pytest.raises(Refusal, match="aliases are not read"):
        read_document(written(tmp_path, "\n".join(lines)))


def test_a_larger_file_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"is larger than 1 MiB. Write it as JSON, .* which may have 64"):
        read_document(written(tmp_path, b"#" * (YAML_MIB * MIB + 1)))
    with pytest.raises(Refusal, match=r"terms.json is larger than 64 MiB.$"):
        read_document(written(tmp_path, b" " * (JSON_MIB * MIB + 1), "terms.json"))


def test_other_bytes_than_utf8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is not UTF-8 text"):
        read_document(written(tmp_path, b"a: \xff\xfe"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="No such file"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(Refusal, match="Is a directory"):
        read_document(tmp_path)


def test_json_keeps_its_types_so_that_a_float_can_be_refused_later(tmp_path: Path) -> None:
    document = {"target_percent": 99.9, "slot_seconds": 60, "flag": True, "none": None}
    assert read_document(written(tmp_path, json.dumps(document), "terms.json")) == document


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": [', "[" * 100_000, ""])
def test_bad_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        read_document(written(tmp_path, text, "terms.json"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab:-[]{},&*!|>'\"#%@?\n \t\\0", max_size=60))
def test_any_text_is_plain_values_or_one_sentence(tmp_path: Path, text: str) -> None:
    try:
        waiting = [read_document(written(tmp_path, text))]
    except Refusal as refusal:
        waiting = [refusal.sentence]
    while waiting:
        node = waiting.pop()
        assert node is None or isinstance(node, str | list | dict)
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
