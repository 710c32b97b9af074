"""A pytest plugin: the run closes on `N passed, N failed, N skipped`, and a skipped test fails the run.

A skip is a hole in what the run proves; whoever needs one mends the machine or the test instead.
"""

import pytest
from _pytest.terminal import TerminalReporter

FAILING = ("failed", "error", "xpassed")
SKIPPED = ("skipped", "xfailed")


def _count(reporter: TerminalReporter, kinds: tuple[str, ...]) -> int:
    return sum(len(reporter.stats.get(kind, [])) for kind in kinds)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, TerminalReporter) and _count(reporter, SKIPPED) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, TerminalReporter) or hasattr(config, "workerinput") or config.option.collectonly:
        return
    passed, failed, skipped = (_count(reporter, kinds) for kinds in (("passed",), FAILING, SKIPPED))
    reporter.write_line(f"{passed} passed, {failed} failed, {skipped} skipped")
