"""Who may: every rule of the url map answers everybody with the status that was reviewed (access.csv)."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.domain.people.roles import OF_STAFF_ROLE, Permission, StaffRole
from portal.web.access import public, requires
from tests.web.access_matrix import PEOPLE, Matrix, differences, measured, reviewed
from tests.web.canaries import BY_PASSWORD, BY_SECRET, Planted, address, rules, send

REFUSED = {303, 401, 403, 404}
OPEN = {BY_SECRET, BY_PASSWORD}
"""Addresses whose readers bring a secret: what they may be asked is no secret, what stands behind them is."""


def under(path: str) -> Callable[[Rule], bool]:
    return lambda rule: rule.rule.startswith(path)


def reviewed_under(path: str) -> Matrix:
    return {key: row for key, row in reviewed().items() if key[0].startswith(path)}


@pytest.mark.slow
def test_every_rule_answers_everybody_as_reviewed(planted: Planted) -> None:
    assert differences(measured(planted), reviewed()) == []


def test_the_reviewed_matrix_lists_every_rule_and_nothing_else(app: Flask) -> None:
    assert set(reviewed()) == {(rule.rule, method) for rule, method in rules(app)}


def test_every_staff_role_has_its_column() -> None:
    assert {role.value for role in StaffRole} <= set(PEOPLE)


def test_no_page_of_a_customer_opens_to_anybody_outside_it() -> None:
    outside = ("nobody", "stranger", "no customer", "no code", *(role.value for role in StaffRole))
    for (rule, method), row in reviewed().items():
        if rule == BY_PASSWORD:
            assert set(row.values()) == {401}, "it reads no session, and asks everybody for the secret"
        elif "<uuid:customer>" in rule:
            assert {row[who] for who in outside} <= REFUSED, (rule, method)
            assert {row[who] for who in ("stranger", "no customer", *(role.value for role in StaffRole))} == {404}


def test_no_staff_page_opens_to_a_customers_people() -> None:
    for (rule, method), row in reviewed().items():
        if rule.startswith("/staff"):
            assert {row[who] for who in ("stranger", "no customer", "member", "billing", "owner")} == {404}
            assert row["nobody"] in (303, 403), (rule, method)


def test_nothing_answers_with_a_server_error_but_a_portal_that_is_not_ready() -> None:
    more = {"/readyz": {503}, BY_PASSWORD: {401}}
    for (rule, method), row in reviewed().items():
        expected = {200, 202, 303, 403, 404, 409, 422} | more.get(rule, set())
        assert set(row.values()) <= expected, (rule, method)


def test_a_rule_that_was_not_reviewed_is_caught(planted: Planted) -> None:
    planted.app.add_url_rule("/staff/planted", view_func=public(planted_page))
    found = differences(measured(planted, under("/staff/planted")), {})
    assert found == ["GET /staff/planted is not in access.csv"]
    assert set(reviewed()) != {(rule.rule, method) for rule, method in rules(planted.app)}


def planted_page() -> str:
    return "open to everybody by mistake"


def planted_customer_page(customer: UUID) -> str:
    return f"{customer} is open to everybody by mistake"


def test_a_staff_page_opened_to_everybody_is_caught(planted: Planted) -> None:
    planted.app.view_functions["support.desk"] = public(lambda: planted_page())
    told = differences(measured(planted, under("/staff/support")), reviewed_under("/staff/support"))
    assert "GET /staff/support answers nobody with 200, not 303" in told
    assert "GET /staff/support answers member with 200, not 404" in told


def test_a_staff_page_opened_to_every_signed_in_person_is_caught(planted: Planted) -> None:
    planted.app.view_functions["staff.desk"] = requires(Permission.SEE_OWN_ACCOUNT)(lambda: planted_page())
    told = differences(
        measured(planted, lambda rule: rule.rule == "/staff"), {("/staff", "GET"): reviewed()["/staff", "GET"]}
    )
    assert "GET /staff answers stranger with 200, not 404" in told


def test_a_page_of_a_customer_opened_to_everybody_is_caught(planted: Planted) -> None:
    rule = "/c/<uuid:customer>"
    planted.app.view_functions["customers.overview"] = public(planted_customer_page)
    told = differences(measured(planted, lambda one: one.rule == rule), {(rule, "GET"): reviewed()[rule, "GET"]})
    assert f"GET {rule} answers stranger with 200, not 404" in told
    assert f"GET {rule} answers manager with 200, not 404" in told


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_asking_for_less_than_a_page_is_no_way_around(planted: Planted, method: str) -> None:
    for who in ("nobody", "stranger", "manager"):
        client, token = planted.browser(who)
        for rule, _ in rules(planted.app):
            if "customer" in rule.arguments and method in (rule.methods or ()):
                path = address(planted.app, rule, planted.globex.arguments)
                is_open = method == "OPTIONS" and rule.rule in OPEN
                assert send(client, method, path, token).status in REFUSED | ({200} if is_open else set()), (
                    who,
                    method,
                    rule.rule,
                )


def test_a_permission_nobody_of_staff_has_is_no_permission_of_staff() -> None:
    given = frozenset[Permission]().union(*OF_STAFF_ROLE.values())
    assert given.isdisjoint({Permission.SEE_CUSTOMER, Permission.SEE_MONEY, Permission.GIVE_FEEDBACK})
