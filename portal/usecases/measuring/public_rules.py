"""What the public pages call down."""

from portal.domain.promises.methodology import Detection, Quorum

PUBLIC_RULES = Detection(confirm_failures=2, quorum=Quorum(mode="majority_of_known"))
"""Two failures in a row, at more than half of the locations that can tell."""
