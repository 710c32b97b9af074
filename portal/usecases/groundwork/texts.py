"""What people type: trimmed, and refused with a sentence when it cannot be kept or shown."""

import re

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


def clean_text(field: str, text: str, most: int, *, may_be_empty: bool = False) -> str:
    """Return a text of at most `most` characters, trimmed, its line ends as newlines; raise Invalid naming the field.

    Newlines and tabs are kept; every other control character, and half a character, is refused.
    """
    text = _LINE_ENDS.sub("\n", text).strip()
    if _UNSHOWABLE.search(text):
        raise Invalid(
            field, phrase("This holds a control character that cannot be shown. Remove it and send it again.")
        )
    if not text and not may_be_empty:
        raise Invalid(field, phrase("Write something here."))
    if len(text) > most:
        raise Invalid(
            field,
            phrase(
                "This has {number} characters; {most} are the most. Shorten it and send it again.",
                number=len(text),
                most=most,
            ),
        )
    return text


def clean_line(field: str, text: str, most: int) -> str:
    """Return one line of at most `most` characters, as `clean_text` does; raise Invalid when it has several."""
    line = clean_text(field, text, most)
    if "\n" in line or "\t" in line:
        raise Invalid(field, phrase("This must be a single line."))
    return line
