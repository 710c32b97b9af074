"""Saying phrases and values in the reader's language; the only room that asks the catalogues."""

from collections.abc import Mapping
from functools import lru_cache, singledispatch
from typing import Any

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol
from flask import Flask
from flask_babel import get_translations
from markupsafe import Markup

from portal.domain.notices.phrases import Enumerated, Figure, Listed, Moment, Phrase, Sentences, Style, english
from portal.domain.people.languages import Language
from portal.web import languages

SAID = frozenset({Phrase, Figure, Moment, Sentences, Listed, Enumerated})
"""What a template prints in the reader's language."""
PATTERNS: Mapping[Language, Mapping[Style, str]] = {
    Language.GERMAN: {
        Style.SECOND: "d. MMMM y, HH:mm:ss",
        Style.MINUTE: "d. MMMM y, HH:mm",
        Style.SHORT: "d. MMM y, HH:mm",
        Style.DAY: "d. MMMM y",
        Style.SHORT_DAY: "d. MMM",
        Style.MONTH: "MMMM y",
        Style.SHORT_MONTH: "LLL",
        Style.MONTH_SHORT: "MMM yy",
        Style.DAY_SHORT: "d. MMM yy",
        Style.YEAR: "y",
    },
    Language.JAPANESE: {
        Style.SECOND: "y年M月d日 HH:mm:ss",
        Style.MINUTE: "y年M月d日 HH:mm",
        Style.SHORT: "y年M月d日 HH:mm",
        Style.DAY: "y年M月d日",
        Style.SHORT_DAY: "M月d日",
        Style.MONTH: "y年M月",
        Style.SHORT_MONTH: "M月",
        Style.MONTH_SHORT: "y年M月",
        Style.DAY_SHORT: "y年M月d日",
        Style.YEAR: "y年",
    },
}


def prepare(app: Flask) -> None:
    """Let the templates of this app say things: `_` and `_n` by message, phrases wherever they are printed."""
    app.jinja_env.globals.update(
        _=worded, _n=counted_words, agreed=agreed, language=languages.current, addresses_of_page=languages.addresses
    )
    app.jinja_env.filters["said"] = say
    app.jinja_env.finalize = _finalized


def say(value: object) -> str:
    """Return a phrase or a value in the reader's language; a text that is neither stays as it is."""
    return unbroken(english(value) if languages.current() is Language.ENGLISH else _said(value))


def unbroken(words: str) -> str:
    """Return words in which no line ends between a figure and its percent sign."""
    return words.replace(" %", "\xa0%")


def worded(text: str, /, **arguments: object) -> Markup:
    """Return a template's message in the reader's language.

    The message is ours and may hold HTML; the arguments put in for the names in braces are escaped.
    """
    return _filled(_catalogue().ugettext(text), arguments)


def counted_words(one: str, many: str, count: int, /, **arguments: object) -> Markup:
    """Return a template's message about so many things, with `count` among its arguments."""
    return _filled(_catalogue().ungettext(one, many, count), {"count": count, **arguments})


def agreed(text: str) -> Markup | str:
    """Return a piece of the agreed wording, which binds in English; elsewhere it is marked as English."""
    words = unbroken(text)
    if languages.current() is Language.ENGLISH:
        return words
    return Markup('<span lang="en">{}</span>').format(words)


def _catalogue() -> Any:  # the library has no types
    return _catalogue_of(languages.current())


@lru_cache
def _catalogue_of(_language: Language) -> Any:
    """The catalogue of the language at hand, looked for once."""
    return get_translations()


def _filled(message: str, arguments: Mapping[str, object]) -> Markup:
    text = unbroken(message)
    if not arguments and "{" not in text:
        return Markup(text)  # noqa: S704 - the message is ours
    values = {name: value if isinstance(value, Markup) else say(value) for name, value in arguments.items()}
    return Markup(text).format_map(values)  # noqa: S704 - the message is ours, and what is put in is escaped


def _finalized(value: object) -> object:
    return say(value) if type(value) in SAID else value


@singledispatch
def _said(value: object) -> str:
    return str(value)


@_said.register
def _number(value: int) -> str:
    return _said(Figure(english(value)))


@_said.register
def _phrase(value: Phrase) -> str:
    catalogue = _catalogue()
    if value.number is None:
        found: str = catalogue.ugettext(value.message)
    else:
        found = catalogue.ungettext(value.message, value.plural, value.number)
    return found.format_map({name: _said(argument) for name, argument in value.arguments.items()})


@_said.register
def _figure(value: Figure) -> str:
    """Other signs between the same digits: nothing is rounded on the way."""
    tongue = languages.current()
    return value.translate({ord(","): get_group_symbol(tongue), ord("."): get_decimal_symbol(tongue)})


@_said.register
def _moment(value: Moment) -> str:
    tongue = languages.current()
    write = format_date if value.style in DAYS else format_datetime
    return write(value.local, PATTERNS[tongue][value.style], locale=tongue.value)


@_said.register
def _sentences(value: Sentences) -> str:
    between = "" if languages.current() is Language.JAPANESE else " "
    return between.join(_said(one) for one in value.parts)


@_said.register
def _enumerated(value: Enumerated) -> str:
    is_comma = value.sign == ", " and languages.current() is Language.JAPANESE
    return ("、" if is_comma else value.sign).join(_said(one) for one in value.parts)


@_said.register
def _listed(value: Listed) -> str:
    return format_list([_said(one) for one in value.parts], locale=languages.current().value)


DAYS = frozenset(
    {Style.DAY, Style.SHORT_DAY, Style.MONTH, Style.SHORT_MONTH, Style.MONTH_SHORT, Style.DAY_SHORT, Style.YEAR}
)
