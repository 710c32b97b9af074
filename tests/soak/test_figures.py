"""The long suite's own book of what is done: it goes on where it was interrupted, and then begins afresh."""

from pathlib import Path

from tests.soak.figures import Done


def test_a_case_that_passed_is_left_out_until_all_have(tmp_path: Path) -> None:
    path = tmp_path / "soak.json"
    first = Done(path)
    assert first.left(["a", "b"]) == {"a", "b"}
    first.keep("a", {"kills": 30})
    second = Done(path)
    assert second.left(["a", "b"]) == {"b"}
    assert second.cases == {"a": {"kills": 30}}
    second.keep("b", {})
    third = Done(path)
    assert third.left(["a", "b"]) == {"a", "b"}
    assert third.cases == {}


def test_other_sources_begin_afresh(tmp_path: Path) -> None:
    path = tmp_path / "soak.json"
    Done(path).keep("a", {})
    path.write_text(path.read_text().replace('"sources": "', '"sources": "other'))
    assert Done(path).left(["a"]) == {"a"}
