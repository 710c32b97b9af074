"""Names in a configuration file that refer to something else in it, or to what is configured already."""

from collections.abc import Iterable

from portal.domain.documents.reading import Reader

MOST_LISTED = 10


def refuse_stranger(node: Reader, key: str, name: str, known: Iterable[str]) -> None:
    """Note a problem at the key when the name it holds is none of those known."""
    if name and name not in known:
        node.refuse(key, f"There is no {key.partition('[')[0].rstrip('s')} '{name}'. {listed(known)}")


def listed(known: Iterable[str]) -> str:
    """The names there are, as a sentence."""
    names = sorted(known)
    if not names:
        return "There are none yet."
    rest = " and more" if len(names) > MOST_LISTED else ""
    return f"There is: {', '.join(names[:MOST_LISTED])}{rest}."
