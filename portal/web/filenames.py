"""Names of files that are handed out."""


def of(title: str) -> str:
    """Return a title as the name of a file: letters, digits, dots and dashes only."""
    kept = "".join(one if one.isascii() and (one.isalnum() or one in ".-_") else "-" for one in title)
    return kept.replace("--", "-").strip("-") or "paper"
