"""The catalogues: every message of the sources in every language but English; `./dev words` writes them anew.

A message keeps its translation as long as its English stays as it is; a changed one begins empty, and nothing is ever
guessed (no fuzzy entries). Both forms of a catalogue are committed: the text for people, the compiled one for readers.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from portal.domain.people.languages import Language

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations"
SOURCES = (("portal", "**.py", "python"), ("templates", "**.html", "jinja2"))
KEYWORDS = {"_": None, "_n": (1, 2), "worded": None, "phrase": None, "counted": (1, 2)}
OPTIONS = {"**.html": {"silent": "false"}}
WRITTEN = datetime(2026, 11, 30, tzinfo=UTC)
HEADER = "# The portal in {language}. Written by ./dev words; the translations between the quotes are ours."
TRANSLATED = tuple(one for one in Language if one is not Language.ENGLISH)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def extracted() -> Catalog:
    """Every message of the sources, with the files it stands in."""
    found = Catalog()
    for folder, pattern, method in SOURCES:
        for name, _, message, _, _ in extract_from_dir(
            ROOT / folder, [(pattern, method)], options_map=OPTIONS, keywords=KEYWORDS
        ):
            found.add(message, locations=[(f"{folder}/{name}", None)])
    return found


def path_of(language: Language, ending: str) -> Path:
    """Where the catalogue of a language stands: `po` for people, `mo` for the portal."""
    return FOLDER / language.value / "LC_MESSAGES" / f"messages.{ending}"


def stored(language: Language) -> Catalog:
    """The catalogue of a language as it is committed; empty when there is none."""
    path = path_of(language, "po")
    if not path.exists():
        return Catalog(locale=language.value)
    with path.open("rb") as file:
        return read_po(file, locale=language.value)


def renewed(language: Language, sources: Catalog) -> Catalog:
    """The messages of the sources with the translations that are there."""
    before = stored(language)
    renewed = Catalog(
        locale=language.value,
        project="sla-portal",
        header_comment=HEADER.format(language=language.own_name),
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        last_translator="sla-portal",
        language_team="sla-portal",
        fuzzy=False,
    )
    for message in messages(sources):
        known = before.get(message.id)
        kept = renewed.add(message.id, known.string if known else None, locations=sorted(set(message.locations)))
        kept.flags.clear()  # a percent sign is no placeholder here: ours are names in braces
    return renewed


def messages(catalogue: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def bytes_of(catalogue: Catalog) -> tuple[bytes, bytes]:
    """A catalogue as text and compiled."""
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, catalogue, include_lineno=False, sort_output=True, width=120)
    write_mo(compiled, catalogue)
    return text.getvalue(), compiled.getvalue()


def faults(catalogue: Catalog) -> list[str]:
    """Everything a reader would stumble over: no translation, a guess, or other names in braces, as sentences."""
    return [f"{fault}: {message.id!r}" for message in messages(catalogue) for fault in _faults_of(message)]


def _faults_of(message: Message) -> Iterator[str]:
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if not all(said):
        yield "not translated"
        return
    if message.fuzzy:
        yield "a guess"
    asked = [set(PLACEHOLDER.findall(one)) for one in (message.id if message.pluralizable else (message.id,))]
    for one in said:
        if not set.intersection(*asked) - {"count"} <= set(PLACEHOLDER.findall(one)) <= set.union(*asked):
            yield "other names in braces"
        if one.count("<") != (message.id[-1] if message.pluralizable else message.id).count("<"):
            yield "other elements"


def main(arguments: list[str]) -> int:
    """Say what the catalogues lack; with --write, bring them in step with the sources first."""
    sources = extracted()
    told = 0
    for language in TRANSLATED:
        catalogue = renewed(language, sources)
        if arguments == ["--write"]:
            text, compiled = bytes_of(catalogue)
            path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
            path_of(language, "po").write_bytes(text)
            path_of(language, "mo").write_bytes(compiled)
        found = faults(catalogue)
        told += len(found)
        print("\n".join([f"{language.own_name}: {len(catalogue)} messages, {len(found)} faults", *found]))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
