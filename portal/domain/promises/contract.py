"""What one customer bought, `sla-contract/1`: services, components and fees over time (D3)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.domain.documents.reading import InvalidDocument, Problem, Reader, require_plain
from portal.domain.documents.scalars import (
    FEE_PRORATION,
    MONEY_ROUNDING,
    choose,
    number_text,
    read_date,
    read_decimal,
    read_name,
)
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import CreditSchedule
from portal.domain.promises.terms import Terms
from portal.domain.quantities.currencies import minor_digits, read_currency
from portal.domain.quantities.zones import instant_of, read_zone

SCHEMA = "sla-contract/1"
MOST_SERVICES = 1000
MOST_FEES = 500


@dataclass(frozen=True, slots=True)
class FeeFrom:
    """The monthly fee in force from a local date on, exact, in the contract's currency."""

    from_: date
    amount: Fraction


@dataclass(frozen=True, slots=True)
class ContractService:
    """One service of the contract, the component of the agreement it stands for, and its fees over time.

    It is covered from the local date `from_` until before `until`; None stands for the contract's own dates.
    """

    service: str
    component: str
    monthly_fee: tuple[FeeFrom, ...]
    from_: date | None = None
    until: date | None = None

    def fee_at(self, day: date) -> Fraction | None:
        """The monthly fee in force on a local date; None before the first."""
        fees = [fee.amount for fee in self.monthly_fee if fee.from_ <= day]
        return fees[-1] if fees else None


@dataclass(frozen=True, slots=True)
class Contract:
    """One customer's contract; `until` is the first local date after it, None while it has no end."""

    id: str
    customer: str
    agreement: str
    timezone: str | None
    currency: str
    from_: date
    until: date | None
    fee_proration: str | None
    money_rounding: str | None
    services: tuple[ContractService, ...]

    def service(self, service_id: str) -> ContractService:
        """The service of this id; raises KeyError when the contract has none."""
        return {one.service: one for one in self.services}[service_id]

    def dates_of(self, service_id: str) -> tuple[date, date | None]:
        """The local dates from and until which the contract covers a service; raises KeyError when it has none."""
        own = self.service(service_id)
        ends = [one for one in (self.until, own.until) if one is not None]
        return max(self.from_, own.from_ or self.from_), min(ends, default=None)

    def zone(self, terms: Terms) -> str:
        """The time zone that cuts the periods: the contract's own or the agreement's."""
        return self.timezone or terms.timezone

    def line(self, service_id: str, terms: Terms, period_start: date) -> ContractLine:
        """This contract seen from one service, with the fee in force on the period's first local date (D3).

        A period that began before the contract covered the service takes the fee of the first date it did.
        """
        zone, (first, until) = self.zone(terms), self.dates_of(service_id)
        return ContractLine(
            contract=self.id,
            service=service_id,
            timezone=zone,
            currency=self.currency,
            minor_digits=minor_digits(self.currency),
            monthly_fee=self.service(service_id).fee_at(max(period_start, first)),
            fee_proration=self.fee_proration or terms.fee_proration,
            money_rounding=self.money_rounding or terms.money_rounding,
            service_start=instant_of(first, zone),
            service_end=None if until is None else instant_of(until, zone),
            partial_period=terms.partial_period,
            display_decimals=terms.display_decimals,
        )


def parse_contract(document: object) -> Contract:
    """The contract a document of plain values describes; raises InvalidDocument with every problem found."""
    require_plain(document)
    problems: list[Problem] = []
    contract = _read_contract(Reader(document, "", problems))
    if problems:
        raise InvalidDocument(problems)
    return contract


def contract_document(contract: Contract) -> dict[str, object]:
    """The document of a contract, every key written out; `parse_contract` reads it back unchanged."""
    return {
        "schema": SCHEMA,
        "id": contract.id,
        "customer": contract.customer,
        "agreement": contract.agreement,
        "timezone": contract.timezone,
        "currency": contract.currency,
        "from": contract.from_.isoformat(),
        "until": None if contract.until is None else contract.until.isoformat(),
        "fee_proration": contract.fee_proration,
        "money_rounding": contract.money_rounding,
        "services": [_service_document(one) for one in contract.services],
    }


def agreement_problems(contract: Contract, terms: Terms) -> tuple[Problem, ...]:
    """Why a contract does not fit its agreement: a component that does not exist, money of another currency (D3)."""
    problems = []
    components = {one.component for one in terms.commitments}
    for n, one in enumerate(contract.services):
        if one.component not in components:
            sentence = f"The agreement {terms.id} has no component {one.component}."
            problems.append(Problem(f"services[{n}].component", sentence))
    named = {currency for one in terms.commitments for currency in _currencies(one.credit_schedule)}
    for currency in sorted(named - {contract.currency}):
        sentence = f"The agreement {terms.id} names amounts in {currency}; the contract must be in that currency."
        problems.append(Problem("currency", sentence))
    return tuple(problems)


def _currencies(schedule: CreditSchedule) -> set[str]:
    amounts = (schedule.cap_amount, schedule.min_credit_exclusive)
    return {money.currency for money in amounts if money and money.currency}


def _read_contract(reader: Reader) -> Contract:
    reader.read("schema", choose(SCHEMA), SCHEMA)
    from_ = reader.read("from", read_date, date(1970, 1, 1))
    until = reader.maybe("until", read_date)
    if reader.clean and until is not None and until <= from_:
        reader.refuse("until", "The contract ends after it starts.")
    contract = Contract(
        id=reader.read("id", read_name, ""),
        customer=reader.read("customer", read_name, ""),
        agreement=reader.read("agreement", read_name, ""),
        timezone=reader.maybe("timezone", read_zone),
        currency=reader.read("currency", read_currency, ""),
        from_=from_,
        until=until,
        fee_proration=reader.maybe("fee_proration", FEE_PRORATION),
        money_rounding=reader.maybe("money_rounding", MONEY_ROUNDING),
        services=_read_services(reader, from_),
    )
    reader.finish()
    return contract


def _read_services(reader: Reader, from_: date) -> tuple[ContractService, ...]:
    nodes = reader.children("services", 1, MOST_SERVICES)
    services = tuple(_read_service(node, from_) for node in nodes)
    seen: set[str] = set()
    for node, one in zip(nodes, services, strict=True):
        if one.service and one.service in seen:
            node.refuse("service", "This service already stands in the contract.")
        seen.add(one.service)
    return services


def _read_service(node: Reader, from_: date) -> ContractService:
    begin, until = node.maybe("from", read_date), node.maybe("until", read_date)
    if begin is not None and begin < from_:
        node.refuse("from", "A service does not begin before its contract.")
    if until is not None and until <= (begin or from_):
        node.refuse("until", "A service ends after it begins.")
    first = max(from_, begin or from_)
    fee_nodes = node.children("monthly_fee", 1, MOST_FEES)
    fees = tuple(_read_fee(fee) for fee in fee_nodes)
    for before, after, fee_node in zip(fees, fees[1:], fee_nodes[1:], strict=False):
        if after.from_ <= before.from_ and fee_node.clean:
            fee_node.refuse("from", "Fees stand in the order of their dates, one for each date.")
    if fees and fee_nodes[0].clean and fees[0].from_ > first:
        of = "contract" if begin is None else "service"
        fee_nodes[0].refuse("from", f"A fee must be in force on the first day of the {of}.")
    service = ContractService(
        service=node.read("service", read_name, ""),
        component=node.read("component", read_name, ""),
        monthly_fee=fees,
        from_=begin,
        until=until,
    )
    node.finish()
    return service


def _read_fee(node: Reader) -> FeeFrom:
    fee = FeeFrom(
        from_=node.read("from", read_date, date(1970, 1, 1)),
        amount=node.read("amount", read_decimal, Fraction(0)),
    )
    node.finish()
    return fee


def _service_document(service: ContractService) -> dict[str, object]:
    fees = [{"from": fee.from_.isoformat(), "amount": number_text(fee.amount)} for fee in service.monthly_fee]
    return {
        "service": service.service,
        "component": service.component,
        "from": None if service.from_ is None else service.from_.isoformat(),
        "until": None if service.until is None else service.until.isoformat(),
        "monthly_fee": fees,
    }
