"""Every page has one heading that says what it is, a title that names it, and the language it is written in."""

import re
from html import unescape

import pytest

from portal.web import languages
from tests.web.canaries import Planted
from tests.web.test_every_page import pages

HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LANGUAGE = re.compile(r'<html lang="(\w+)"')
ELEMENT = re.compile(r"<[^>]+>")
PROVIDER = " – Northwind Cloud"


def words(html: str) -> str:
    return " ".join(unescape(ELEMENT.sub("", html)).split())


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_every_page_has_one_heading_a_title_of_its_own_and_its_language(planted: Planted) -> None:
    faults = []
    for page in pages(planted, is_each_language=True):
        text = planted.browser(page.who)[0].get(page.path).text
        headings = [words(one) for one in HEADING.findall(text)]
        titles = [words(one) for one in TITLE.findall(text)]
        spoken = LANGUAGE.findall(text)
        if len(headings) != 1 or not headings[0]:
            faults.append((page.path, headings))
        if len(titles) != 1 or not titles[0].removesuffix(PROVIDER) or not titles[0].endswith(PROVIDER):
            faults.append((page.path, titles))
        if spoken != [languages.of_path(page.path).value]:
            faults.append((page.path, spoken))
    assert faults == []
