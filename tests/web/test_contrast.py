"""Every pair of text and ground that a component uses can be read, in light and in dark (WCAG 2.2)."""

import re
from itertools import combinations
from math import dist
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static/css/tokens.css"
GROUNDS = ("paper", "card")
TEXTS = ("ink", "ink-2", "ink-3", "brand", "down")
STATES = ("ok", "degraded", "down", "maint", "unknown")
SHAPES = ("bar-ok", "bar-degraded", "bar-down", "bar-maint", "control", "focus")


COLOUR = re.compile(r"--([\w-]+): var\(--light, (#[0-9a-f]{6})\) var\(--dark, (#[0-9a-f]{6})\);")
APART = ("bar-ok", "bar-degraded", "bar-down", "bar-maint")
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What is left of linear red, green and blue in each kind of eye (Machado, Oliveira and Fernandes, 2009)."""


def palettes() -> dict[str, dict[str, str]]:
    told = COLOUR.findall(TOKENS.read_text())
    return {"light": {name: light for name, light, _ in told}, "dark": {name: dark for name, _, dark in told}}


def lightness_and_hues(colour: str, eye: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a colour as this eye sees it."""
    red, green, blue = channels(colour)
    seen = [min(1, max(0, r * red + g * green + b * blue)) for r, g, b in EYES[eye]]
    x = (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505
    y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    z = (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089
    fx, fy, fz = (one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def channels(colour: str) -> list[float]:
    """Linear red, green and blue, 0 to 1."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in values]


def luminance(colour: str) -> float:
    red, green, blue = channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme: str) -> None:
    colours = palettes()[scheme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(state, f"{state}-bg") for state in STATES] + [("brand-ink", "brand"), ("ink", "unknown-bg")]
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes_and_the_edges_of_fields_can_be_seen(scheme: str) -> None:
    colours = palettes()[scheme]
    weak = {shape: contrast(colours[shape], colours["card"]) for shape in SHAPES}
    assert {shape: ratio for shape, ratio in weak.items() if ratio < 3} == {}


def test_no_colour_is_told_for_one_scheme_only() -> None:
    written = set(re.findall(r"--([\w-]+): [^;]*#[0-9a-f]", TOKENS.read_text()))
    assert written == palettes()["light"].keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_no_two_states_of_a_bar_look_alike_to_any_eye(scheme: str, eye: str) -> None:
    colours = palettes()[scheme]
    seen = {name: lightness_and_hues(colours[name], eye) for name in APART}
    apart = {pair: dist(seen[pair[0]], seen[pair[1]]) for pair in combinations(APART, 2)}
    assert {pair: distance for pair, distance in apart.items() if distance < 15} == {}
