"""Every mistake in a configuration file has its path and its sentence, and all of them are told at once."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.documents.reading import InvalidDocument
from portal.usecases.configuration.entries import Configuration, Present
from portal.usecases.configuration.reading import read_configuration
from tests.usecases.configurations import contract, probe, terms, whole

Change = Callable[[dict[str, Any]], object]


def read(document: object, **secrets: str) -> Configuration:
    return read_configuration(document, Present(), secrets)


def problems(document: object, **secrets: str) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        read(document, **secrets)
    return {problem.path: problem.sentence for problem in refused.value.problems}


def probing(**changes: Any) -> Change:
    return lambda document: document.update(probes=[probe(**changes)])


def changed(*path: str | int, to: object) -> Change:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


CONTRACT = ("contracts", 0)
TERMS = ("agreements", 0, "versions", 0)
VERSIONS = "agreements[0].versions"
PROMISE = VERSIONS + "[0].commitments[0]"
BOUGHT = "contracts[0].services[0]"
MISTAKES: list[tuple[Change, str, str]] = [
    (changed("schema", to="portal-config/2"), "schema", "must be one of: portal-config/1."),
    (changed("nonsense", to="1"), "nonsense", "not known here"),
    (lambda document: document.pop("provider"), "provider", "This key is missing."),
    (changed("provider", "timezone", to="Mars/Base"), "provider.timezone", "'Mars/Base' is none"),
    (changed("provider", "name", to="A\x00B"), "provider.name", "control character"),
    (changed("services", 0, "name", to="x" * 201), "services[0].name", "at most 200 characters"),
    (changed("services", to="api"), "services", "must be a list"),
    (changed("services", 0, to="api"), "services[0]", "must be an object"),
    (changed("services", 1, "id", to="api"), "services[1].id", "has this name already"),
    (changed("locations", 0, "allow", to=["localhost"]), "locations[0].allow[0]", "is not a network"),
    (probing(target="ftp://127.0.0.1/"), "probes[0].target", "must begin with http:// or https://"),
    (probing(target="http://10.0.0.1/"), "probes[0].target", "is not on the allow list"),
    (probing(target="http://0x7f.1/"), "probes[0].target", "is not an IP address in its usual form"),
    (probing(target="http://2130706433/"), "probes[0].target", "is not an IP address in its usual form"),
    (probing(target="http://[::ffff:10.0.0.1]/"), "probes[0].target", "is not on the allow list"),
    (probing(target="http://[64:ff9b::a00:1]/"), "probes[0].target", "is not on the allow list"),
    (probing(target="http://169.254.169.254/latest"), "probes[0].target", "is never asked"),
    (probing(target="http://ann:secret@127.0.0.1/"), "probes[0].target", "must not hold a user name"),
    (probing(kind="tcp", target="127.0.0.1"), "probes[0].target", "needs a port"),
    (probing(kind="tcp", target="127.0.0.1:0"), "probes[0].target", "is not a port"),
    (probing(kind="tcp", target="127.0.0.1:1", expect={"status": "200"}), "probes[0].target", "no option"),
    (probing(kind="icmp"), "probes[0].kind", "must be one of: http, tcp."),
    (probing(interval_seconds="0"), "probes[0].interval_seconds", "from 1 to 86400"),
    (probing(interval_seconds=1.5), "probes[0].interval_seconds", "floating-point"),
    (probing(timeout_ms="10001"), "probes[0].timeout_ms", "at most the interval"),
    (probing(latency_limit_ms="2000"), "probes[0].latency_limit_ms", "below the timeout"),
    (probing(service="apii"), "probes[0].service", "There is no service 'apii'. There is: api, web."),
    (probing(locations=["mars"]), "probes[0].locations[0]", "There is no location 'mars'. There is: here."),
    (probing(locations=[]), "probes[0].locations", "from 1 to 100 entries"),
    (probing(expect={"status": "999"}), "probes[0].target", "numbers from 200 to 599"),
    (probing(expect={"stauts": "200"}), "probes[0].expect.stauts", "not known here"),
    (changed(*TERMS, "commitments", 0, "target_percent", to=99.9), PROMISE + ".target_percent", "floating-point"),
    (changed(*TERMS, "commitments", 0, "taget", to="1"), PROMISE + ".taget", "not known here"),
    (changed(*TERMS, "id", to="silver"), VERSIONS + "[0].id", "their id must be the same"),
    (
        changed(*TERMS, "commitments", 0, "unknown_policy", to={"treat_as": "up"}),
        PROMISE + ".unknown_policy.max_unknown_percent",
        "needs a limit",
    ),
    (changed("agreements", 0, "versions", to=[]), VERSIONS, "from 1 to 1000 entries"),
    (changed("agreements", 0, "versions", to=[terms(), terms(2)]), VERSIONS, "later than 2026-01-01"),
    (
        changed("agreements", 0, "versions", to=[terms(), terms()]),
        VERSIONS + "[1].version.number",
        "this number already",
    ),
    (
        changed(*CONTRACT, "services", 0, "component", to="apii"),
        BOUGHT + ".component",
        "The agreement gold has no component apii. There is: api.",
    ),
    (changed(*CONTRACT, "services", 0, "service", to="apii"), BOUGHT + ".service", "There is no service 'apii'."),
    (
        changed(*CONTRACT, "agreement", to="silver"),
        "contracts[0].agreement",
        "There is no agreement 'silver'. There is: gold.",
    ),
    (
        changed(*CONTRACT, "customer", to="umi"),
        "contracts[0].customer",
        "There is no customer 'umi'. There is: globex.",
    ),
    (changed(*TERMS, "version", "effective_from", to="2026-03-01"), "contracts[0].from", "from 2026-03-01 only"),
    (changed(*CONTRACT, "currency", to="EURO"), "contracts[0].currency", "ISO 4217"),
    (changed("contracts", to=[contract(), contract()]), "contracts[1].id", "has this id already"),
    (changed("users", 0, "email", to="ann"), "users[0].email", "must be an e-mail address"),
    (changed("users", 1, "email", to="ann@globex.example"), "users[1].email", "has this name already"),
    (changed("users", 1, "staff", to="boss"), "users[1].staff", "must be one of: none, responder"),
    (
        changed("users", 0, "customers", 0, "customer", to="umi"),
        "users[0].customers[0].customer",
        "There is no customer",
    ),
    (changed("users", 0, "customers", 0, "role", to="god"), "users[0].customers[0].role", "must be one of: member"),
    (changed("users", 0, "password", to="hunter2"), "users[0].password", "never a password"),
    (changed("users", 0, "password", to="from-environment:ANN"), "users[0].password", "ANN, which is not set"),
]


@pytest.mark.parametrize(("change", "path", "words"), MISTAKES, ids=[f"{path}-{words}" for _, path, words in MISTAKES])
def test_a_mistake_is_refused_at_its_path_in_a_sentence(change: Change, path: str, words: str) -> None:
    document = whole()
    change(document)
    found = problems(document)
    assert path in found
    assert words in found[path]


def test_the_file_without_mistakes_is_read() -> None:
    configuration = read(whole())
    assert configuration.provider is not None
    assert [user.email for user in configuration.users] == ["ann@globex.example", "sam@northwind.example"]
    assert configuration.services[1].group == ""


def test_all_mistakes_are_told_at_once_in_the_order_of_their_paths() -> None:
    document = whole()
    document["contracts"][0]["services"][0]["component"] = "apii"
    document["probes"][0]["kind"] = "icmp"
    document["users"][0]["email"] = "ann"
    assert list(problems(document)) == [BOUGHT + ".component", "probes[0].kind", "users[0].email"]


def test_a_secret_never_stands_in_a_message_and_must_be_long() -> None:
    document = whole()
    document["users"][0]["password"] = "from-environment:ANN"
    found = problems(document, ANN="short")
    assert "short" not in found["users[0].password"].replace("too short", "")
    assert "hunter" not in repr(read(document, ANN="hunter2hunter2"))


def test_numbers_may_be_written_as_digits_or_as_integers() -> None:
    document = whole()
    document["probes"] = [probe(interval_seconds=10, timeout_ms=2000, expect={"status": 204})]
    configuration = read(document)
    assert configuration.probes is not None
    assert configuration.probes[0].interval_s == 10
    assert configuration.probes[0].target["statuses"] == "204"


@pytest.mark.parametrize("document", [None, "text", 7, [], {"schema": "portal-config/1", "services": {}}])
def test_what_is_no_configuration_at_all_is_refused(document: object) -> None:
    assert problems(document)
