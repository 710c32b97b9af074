"""The languages people can read the portal in."""

from enum import StrEnum


class Language(StrEnum):
    """A language, by its code in addresses and in `lang`."""

    ENGLISH = "en"
    GERMAN = "de"
    JAPANESE = "ja"

    @property
    def own_name(self) -> str:
        """What the language calls itself."""
        return {"en": "English", "de": "Deutsch", "ja": "日本語"}[self.value]
