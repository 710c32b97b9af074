"""Expected noes: each carries a sentence for the reader; one place in each door turns them into its own answer."""


class Refusal(Exception):
    """An expected no. `sentence` says what is wrong and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Refusal):
    """There is no such thing for this reader; a stranger's object is not found either."""


class NotAllowed(Refusal):
    """The reader is known and may not do this."""


class Conflict(Refusal):
    """Somebody else changed it first, or its state does not allow this any more."""


class Invalid(Refusal):
    """A field cannot be taken; `field` names it as a path such as `services[0].name`."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class TooMany(Refusal):
    """It was tried too often; `wait_s` is how many seconds until another try is taken."""

    def __init__(self, sentence: str, wait_s: int) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s
