"""A pytest plugin: where MIEN_CI is 1, a test that skips for a reason not in ``skips.txt`` fails.

On a person's machine a skip is a courtesy; in CI it is a test that nobody runs any more.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

LIST = Path(__file__).with_name("skips.txt")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("MIEN_CI") == "1":
        config.pluginmanager.register(OnlyListedSkips(frozenset(listed(LIST.read_text("utf-8")))))


def listed(text: str) -> Iterator[str]:
    """Yield the reasons of a list: a line each, empty lines and lines that start with # aside."""
    return (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


class OnlyListedSkips:
    """Turns a skip whose reason is not among ``reasons`` into a failure."""

    def __init__(self, reasons: frozenset[str]) -> None:
        self._reasons = reasons

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        return self._judged((yield))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        return self._judged((yield))

    def _judged(self, report: Report) -> Report:
        expected_failure = hasattr(report, "wasxfail")
        if not report.skipped or expected_failure or not isinstance(report.longrepr, tuple):
            return report
        path, line, told = report.longrepr
        reason = told.removeprefix("Skipped: ")
        if reason not in self._reasons:
            report.outcome = "failed"
            report.longrepr = f"{path}:{line}: skipped in CI, and its reason is not in tests/{LIST.name}: {reason}"
        return report
