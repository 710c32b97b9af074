"""Opening pages in a real browser: what it complained of, what axe finds, and a picture of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

FOLDER = Path(__file__).resolve().parents[2] / "var/shots"
HEIGHT = {1280: 900, 375: 667, 320: 640}
REPORTS = "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + e.blockedURI))"
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (404|500)")


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: in which colour scheme, how wide, by whom (a session's token).

    `is_twice`: axe reads it in a second opening without the policy, which keeps it from some of its checks.
    """

    scheme: str
    width: int
    token: str = ""
    scripts: bool = True
    is_twice: bool = False


@dataclass(slots=True)
class Seen:
    """One opened page: its faults as sentences."""

    page: Page
    faults: list[str] = field(default_factory=list)


def faults_of(browser: Browser, base: str, path: str, look: Look, shot: Path, status: int = 200) -> list[str]:
    """Open a page as readers do, picture it, and let axe read it; return everything wrong with it."""
    with opened(browser, base, look) as seen:
        answer = seen.page.goto(path)
        if answer is None or answer.status != status:
            seen.faults.append(f"answered {answer.status if answer else 'nothing'}, not {status}")
        seen.page.wait_for_load_state("load")
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        if wide > look.width:
            seen.faults.append(f"is {wide} px wide")
        shot.parent.mkdir(parents=True, exist_ok=True)
        seen.page.screenshot(path=shot, full_page=True)
        found = [*seen.faults, *(_axe_without_policy(browser, base, path, look) if look.is_twice else _axe(seen.page))]
    return [f"{path} ({look.scheme}, {look.width} px) {fault}" for fault in dict.fromkeys(found)]


@contextmanager
def opened(browser: Browser, base: str, look: Look, *, bypass_csp: bool = False) -> Iterator[Seen]:
    """Lend a page that notes console errors, breaches of the policy and requests to anywhere else."""
    context = browser.new_context(
        base_url=base,
        viewport={"width": look.width, "height": HEIGHT[look.width]},
        color_scheme="dark" if look.scheme == "dark" else "light",
        reduced_motion="reduce",
        bypass_csp=bypass_csp,
        java_script_enabled=look.scripts,
    )
    try:
        _sign_in(context, base, look.token)
        yield _listening(context, base)
    finally:
        context.close()


def _sign_in(context: BrowserContext, base: str, token: str) -> None:
    if token:
        context.add_cookies([{"name": "portal", "value": token, "url": base}])


def _listening(context: BrowserContext, base: str) -> Seen:
    context.add_init_script(REPORTS)
    seen = Seen(context.new_page())

    def complain(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not EXPECTED.match(text):
            seen.faults.append(f"says {kind}: {text}")

    def leave(url: str) -> None:
        if not url.startswith((base, "data:", "blob:")):
            seen.faults.append(f"asks {url}")

    seen.page.on("console", lambda message: complain(message.type, message.text))
    seen.page.on("pageerror", lambda error: complain("error", str(error)))
    seen.page.on("request", lambda request: leave(request.url))
    return seen


def _axe_without_policy(browser: Browser, base: str, path: str, look: Look) -> list[str]:
    with opened(browser, base, look, bypass_csp=True) as seen:
        seen.page.goto(path)
        return _axe(seen.page)


def _axe(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"axe {one['id']}: {one['help']} at {one['nodes'][0]['target']}" for one in found]
