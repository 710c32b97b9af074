"""The states of states.toml hold what they say: each outcome of a promise is what its customer reads."""

import pytest
from flask import Flask

from portal import clock
from portal.database import db
from portal.store.ground.tenancy import customer_scope
from portal.usecases.customer import compliance
from portal.usecases.customer.cards import Standing
from tests.web.furnishing import OUTCOMES, furnish

STANDINGS = {
    "met": Standing.ON_TRACK,
    "breached": Standing.BREACHED,
    "indeterminate": Standing.AT_RISK,
    "insufficient data": Standing.TOO_LITTLE,
    "not applicable": Standing.NOT_APPLICABLE,
}


@pytest.mark.slow
def test_each_outcome_is_what_the_customer_reads(app: Flask) -> None:
    furnished = furnish(app, {"services": len(OUTCOMES), "promises": list(OUTCOMES)})
    customer = furnished.arguments["customer"]
    with app.app_context(), customer_scope(customer):
        seen = compliance.overview(db.session(), customer, furnished.people["owner"], clock.now())
    cards = {card.service: card for card in seen.full}
    told = [cards[name] for name in sorted(cards)]
    assert dict(zip(OUTCOMES, [card.standing for card in told], strict=True)) == STANDINGS
    assert [name for name, card in zip(OUTCOMES, told, strict=True) if card.figures and card.figures.doubt] == [
        "indeterminate"
    ]
