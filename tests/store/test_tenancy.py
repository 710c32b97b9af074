"""The wall between customers holds in every session (trust.md 6, T1)."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Executable, Table, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from portal.database import begin
from portal.domain.notices.refusals import NotFound
from portal.store.ground.base import Base, TenantOwned, new_id
from portal.store.ground.tenancy import ScopeMissing, customer_scope, provider_scope, scoped_get
from portal.store.notices.feedback import FeedbackAnswerRow, FeedbackRow
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.settling.figures import CurrentFigureRow
from tests import customers
from tests.customers import House

OTHER_CONTRACT = aliased(ContractRow)
READS: dict[str, Callable[[], Executable]] = {
    "rows": lambda: select(ContractRow),
    "columns": lambda: select(ContractRow.key),
    "count": lambda: select(func.count(ContractRow.id)),
    "counted from": lambda: select(func.count()).select_from(ContractRow),
    "alias": lambda: select(OTHER_CONTRACT.key),
    "join": lambda: select(CustomerRow.name).join(ContractRow, ContractRow.customer_id == CustomerRow.id),
    "subquery": lambda: select(select(ContractRow.key).subquery()),
    "exists": lambda: select(CustomerRow.key).where(exists().where(ContractRow.customer_id == CustomerRow.id)),
}


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


@pytest.mark.parametrize("name", READS)
def test_a_question_without_a_scope_raises(session: Session, house: House, name: str) -> None:
    with pytest.raises(ScopeMissing):
        session.execute(READS[name]())


@pytest.mark.parametrize("name", [name for name in READS if name not in ("count", "counted from")])
def test_a_question_in_a_scope_answers_with_that_customers_rows_only(session: Session, house: House, name: str) -> None:
    with provider_scope():
        assert len(session.execute(READS[name]()).all()) == 2
    for customer_id in (house.globex, house.initech):
        with customer_scope(customer_id):
            assert len(session.execute(READS[name]()).all()) == 1


@pytest.mark.parametrize("name", ["count", "counted from"])
def test_a_count_counts_that_customers_rows_only(session: Session, house: House, name: str) -> None:
    with provider_scope():
        assert session.execute(READS[name]()).scalar_one() == 2
    with customer_scope(house.globex):
        assert session.execute(READS[name]()).scalar_one() == 1


def test_each_customer_sees_its_own_rows_even_when_the_statement_was_compiled_for_another(
    session: Session, house: House
) -> None:
    statement = select(ContractRow.customer_id)
    for customer_id in (house.globex, house.initech, house.globex):
        with customer_scope(customer_id):
            assert session.execute(statement).scalars().all() == [customer_id]


def test_a_strangers_row_is_not_found_like_one_that_never_was(session: Session, house: House) -> None:
    with customer_scope(house.globex):
        assert scoped_get(session, ContractRow, house.globex_contract).key == "globex-gold"
        sentences = {_refusal(session, house.initech_contract), _refusal(session, new_id())}
    assert sentences == {"There is no such page."}


def test_a_row_by_id_needs_one_customers_scope(session: Session, house: House) -> None:
    with pytest.raises(ScopeMissing):
        scoped_get(session, ContractRow, house.globex_contract)
    with provider_scope(), pytest.raises(ScopeMissing):
        scoped_get(session, ContractRow, house.globex_contract)


def test_within_a_customers_scope_bare_tables_are_refused(session: Session, house: House) -> None:
    table = Base.metadata.tables["contract"]
    with customer_scope(house.globex), pytest.raises(ScopeMissing):
        session.execute(select(table))


@pytest.mark.parametrize("scoped", [True, False])
def test_a_changed_row_of_another_customer_is_not_written(session: Session, house: House, scoped: bool) -> None:
    with provider_scope():
        row = session.execute(select(ContractRow).where(ContractRow.id == house.initech_contract)).scalar_one()
    row.key = "mine now"
    with pytest.raises(ScopeMissing):
        _flush(session, house.globex if scoped else None)


def test_an_insert_that_the_session_cannot_look_into_is_refused(session: Session, house: House) -> None:
    contract = session.get(CustomerRow, house.globex)
    assert contract is not None
    rows = [{"customer_id": house.initech, "id": new_id(), "key": "stolen", "document": "{}"}]
    with customer_scope(house.globex), pytest.raises(ScopeMissing, match="added to the session"):
        session.execute(insert(ContractRow), rows)


def test_a_new_row_of_another_customer_is_not_written(session: Session, house: House) -> None:
    session.add(_feedback(house.initech, house.initech_owner.id))
    with pytest.raises(ScopeMissing):
        _flush(session, house.globex)


def test_a_bulk_change_reaches_that_customers_rows_only(session: Session, house: House) -> None:
    with customer_scope(house.globex):
        session.execute(update(ContractRow).values(document="changed"))
        session.execute(delete(ContractServiceRow))
    with provider_scope():
        documents = session.execute(select(ContractRow.customer_id, ContractRow.document)).all()
        owners = set(session.execute(select(ContractServiceRow.customer_id)).scalars())
    assert {customer for customer, document in documents if document == "changed"} == {house.globex}
    assert owners == {house.initech}


def test_the_database_refuses_a_row_that_points_at_another_customers(session: Session, house: House) -> None:
    with provider_scope():
        session.add(
            CurrentFigureRow(
                customer_id=house.globex,
                contract_id=house.initech_contract,
                service_id=house.api,
                commitment="availability",
                period="2026-11-01",
                as_of=0,
                document="{}",
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()


def test_the_database_refuses_an_answer_to_another_customers_words(session: Session, house: House) -> None:
    with provider_scope():
        words = _feedback(house.initech, house.initech_owner.id)
        session.add(words)
        session.flush()
        session.add(
            FeedbackAnswerRow(
                customer_id=house.globex,
                feedback_id=words.id,
                author_id=house.manager.id,
                body="x",
                created_at=customers.utc("2026-11-01 00:00"),
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()


def test_every_foreign_key_between_tenants_rows_carries_the_customer() -> None:
    owned = [mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)]
    assert {"contract", "contract_service", "current_figure", "feedback", "feedback_answer"} <= {
        table.name for table in owned if isinstance(table, Table)
    }
    for table in owned:
        assert isinstance(table, Table)
        for key in table.foreign_key_constraints:
            if key.referred_table in owned:
                assert "customer_id" in key.column_keys


def _refusal(session: Session, key: UUID) -> str:
    with pytest.raises(NotFound) as refusal:
        scoped_get(session, ContractRow, key)
    return refusal.value.sentence


def _flush(session: Session, customer_id: UUID | None) -> None:
    if customer_id is None:
        session.flush()
        return
    with customer_scope(customer_id):
        session.flush()


def _feedback(customer_id: UUID, author_id: UUID) -> FeedbackRow:
    return FeedbackRow(
        customer_id=customer_id,
        author_id=author_id,
        about_kind="service",
        about_id="api",
        about_name="API",
        rating=4,
        body="Fine.",
        created_at=customers.utc("2026-11-01 00:00"),
    )
