"""The provider's colour, made readable: darker on light grounds and lighter on dark ones, as far as it must be.

Text and buttons in that colour stand on every ground of tokens.css at 4.5 : 1 or more (WCAG 2.2, 1.4.3), whatever
colour was given. Floats only measure; what leaves is a colour of 24 bits.
"""

from dataclasses import dataclass

LEAST = 4.5
STEPS = 64
LIGHT_GROUNDS = ("#fbfaf7", "#ffffff", "#eceef0")
DARK_GROUNDS = ("#14171a", "#1b1f23", "#262b30")
"""Paper, card and the ground of notes; a test holds them against tokens.css."""
BLACK, WHITE = "#000000", "#ffffff"
INK_ON_LIGHT, INK_ON_DARK = "#ffffff", "#10151c"


@dataclass(frozen=True, slots=True)
class Palette:
    """A brand colour as it is used on light and on dark, and the ink on top of each."""

    light: str
    light_ink: str
    dark: str
    dark_ink: str


def palette(colour: str) -> Palette:
    """Return how a colour "#rrggbb" is used; as given where that can be read."""
    light, dark = _readable(colour, LIGHT_GROUNDS, BLACK), _readable(colour, DARK_GROUNDS, WHITE)
    return Palette(light, INK_ON_LIGHT, dark, INK_ON_DARK)


def stylesheet(colour: str) -> str:
    """Return the custom properties of a brand colour as it is in light and in dark, as tokens.css has them."""
    found = palette(colour)
    pairs = {"brand": (found.light, found.dark), "brand-ink": (found.light_ink, found.dark_ink)}
    told = (f"--{name}: var(--light, {light}) var(--dark, {dark});" for name, (light, dark) in pairs.items())
    return f":root {{ {' '.join(told)} }}\n"


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: str, grounds: tuple[str, ...], towards: str) -> str:
    mixed = (_mixed(colour, towards, step) for step in range(STEPS + 1))
    return next((one for one in mixed if min(contrast(one, ground) for ground in grounds) >= LEAST), towards)


def _mixed(colour: str, towards: str, step: int) -> str:
    pairs = zip(_channels(colour), _channels(towards), strict=True)
    return "#" + "".join(f"{(own * (STEPS - step) + other * step) // STEPS:02x}" for own, other in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
