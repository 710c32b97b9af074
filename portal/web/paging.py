"""Where a list goes on: the id after which the next 50 rows stand (decision D17)."""

from uuid import UUID

from flask import request


def after() -> UUID | None:
    """Return the id a reader goes on from; None for the first page, and for what is no id."""
    try:
        return UUID(request.args.get("after", ""))
    except ValueError:
        return None
