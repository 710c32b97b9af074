"""Files as people write them: YAML in which every scalar stays text (decision D4), or JSON, of a bounded size."""

from pathlib import Path

from portal.domain.notices.refusals import Refusal
from portal.usecases.groundwork.plain_yaml import parse, read_text

__all__ = ["JSON_MIB", "MIB", "YAML_MIB", "parse", "read_document"]

YAML_MIB, JSON_MIB = 1, 64
"""How large a file may be. YAML is for what people write and takes long to read; JSON is for what programs wrote."""
MIB = 1024 * 1024


def read_document(path: Path) -> object:
    """Return the plain values of a YAML or JSON file; raises Refusal with one sentence."""
    is_json = path.suffix == ".json"
    try:
        text = _bytes(path, JSON_MIB if is_json else YAML_MIB).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(f"{path} is not UTF-8 text.") from None
    return read_text(text, str(path), is_json=is_json)


def _bytes(path: Path, most_mib: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most_mib * MIB + 1)
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > most_mib * MIB:
        way_on = f" Write it as JSON, in a file named .json, which may have {JSON_MIB}." if most_mib < JSON_MIB else ""
        raise Refusal(f"{path} is larger than {most_mib} MiB.{way_on}")
    return content
