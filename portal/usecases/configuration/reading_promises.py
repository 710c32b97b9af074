"""Reading agreements and contracts of a configuration file, against what is published and signed already (D3, D19)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import pairwise

from portal.domain.documents.reading import InvalidDocument, Problem, Reader
from portal.domain.documents.scalars import read_name, read_text
from portal.domain.promises.contract import Contract, agreement_problems, parse_contract
from portal.domain.promises.terms import Terms, parse_terms, publishing_problems
from portal.usecases.configuration.entries import AgreementEntry, Present
from portal.usecases.configuration.references import listed, refuse_stranger

MOST_VERSIONS = 1000
LONGEST_NAME = 200
Versions = Mapping[str, tuple[Terms, ...]]


def read_agreements(nodes: Sequence[Reader], present: Present) -> tuple[tuple[AgreementEntry, ...], Versions]:
    """The agreements the nodes describe, and every known version of every agreement by number."""
    entries = tuple(_read_agreement(node, present) for node in nodes)
    known = dict(present.agreements)
    for node, entry in zip(nodes, entries, strict=True):
        known[entry.key] = _together(known.get(entry.key, ()), entry.versions)
        _refuse_disorder(node, known[entry.key])
    return entries, known


def _together(published: Iterable[Terms], given: Iterable[Terms]) -> tuple[Terms, ...]:
    by_number = {one.version.number: one for one in [*given, *published]}
    return tuple(by_number[number] for number in sorted(by_number))


def _read_agreement(node: Reader, present: Present) -> AgreementEntry:
    key = node.read("id", read_name, "")
    published = {one.version.number: one for one in present.agreements.get(key, ())}
    versions: dict[int, Terms] = {}
    for child in node.children("versions", 0 if published else 1, MOST_VERSIONS):
        terms = _read_terms(child)
        if terms is None:
            continue
        _refuse_version(child, terms, key, published, versions)
        versions[terms.version.number] = terms
    entry = AgreementEntry(
        key=key,
        name=node.read("name", partial(read_text, longest=LONGEST_NAME), ""),
        versions=tuple(versions[number] for number in sorted(versions)),
    )
    node.finish()
    return entry


def _read_terms(node: Reader) -> Terms | None:
    try:
        terms = parse_terms(node.values)
    except InvalidDocument as invalid:
        _adopt(node, invalid.problems)
        return None
    _adopt(node, publishing_problems(terms))
    return terms


def _adopt(node: Reader, problems: Iterable[Problem]) -> None:
    """Note problems of a document within the file at their paths in the file."""
    for problem in problems:
        path = f"{node.path}.{problem.path}" if problem.path else node.path
        node.problems.append(Problem(path, problem.sentence))


def _refuse_version(
    node: Reader, terms: Terms, key: str, published: Mapping[int, Terms], versions: Mapping[int, Terms]
) -> None:
    number = terms.version.number
    if terms.id != key:
        node.refuse("id", f"These terms stand under the agreement '{key}', so their id must be the same.")
    if number in versions:
        _adopt(node, [Problem("version.number", "Another version of this agreement has this number already.")])
    if number in published and published[number] != terms:
        sentence = f"Version {number} of {key} is published and cannot change; publish version {max(published) + 1}."
        _adopt(node, [Problem("version.number", sentence)])


def _refuse_disorder(node: Reader, versions: Sequence[Terms]) -> None:
    for before, after in pairwise(versions):
        if after.version.effective_from <= before.version.effective_from:
            numbers = f"Version {after.version.number} must come into force after version {before.version.number}"
            node.refuse("versions", f"{numbers}, so later than {before.version.effective_from}.")


def read_contracts(
    nodes: Sequence[Reader],
    present: Present,
    versions: Versions,
    services: Collection[str],
    customers: Collection[str],
) -> tuple[Contract, ...]:
    """The contracts the nodes describe, whose services, customers and agreements exist. Problems are noted."""
    contracts: dict[tuple[str, str], Contract] = {}
    for node in nodes:
        try:
            contract = parse_contract(node.values)
        except InvalidDocument as invalid:
            _adopt(node, invalid.problems)
            continue
        key = (contract.customer, contract.id)
        if key in contracts:
            node.refuse("id", "Another contract of this customer has this id already.")
        if present.contracts.get(key, contract.agreement) != contract.agreement:
            node.refuse("agreement", "A contract stays with its agreement: end it with until and write a new one.")
        refuse_stranger(node, "customer", contract.customer, customers)
        refuse_stranger(node, "agreement", contract.agreement, versions)
        for n, one in enumerate(contract.services):
            if one.service not in services:
                sentence = f"There is no service '{one.service}'. {listed(services)}"
                node.problems.append(Problem(f"{node.path}.services[{n}].service", sentence))
        _refuse_misfits(node, contract, versions.get(contract.agreement, ()))
        contracts[key] = contract
    return tuple(contracts.values())


def _refuse_misfits(node: Reader, contract: Contract, versions: Sequence[Terms]) -> None:
    if not versions:
        return
    governing = _governing(versions, contract.from_, contract.until)
    if governing[0].version.effective_from > contract.from_:
        first = governing[0].version.effective_from
        node.refuse("from", f"The agreement {contract.agreement} is in force from {first} only.")
    for terms in governing:
        components = listed({one.component for one in terms.commitments})
        for problem in agreement_problems(contract, terms):
            more = f" {components}" if problem.path.endswith("component") else ""
            _adopt(node, [Problem(problem.path, problem.sentence + more)])


def _governing(versions: Sequence[Terms], from_: date, until: date | None) -> Sequence[Terms]:
    """The versions that are in force at some time of [from_, until); the first one when none is."""
    begun = [one for one in versions if until is None or one.version.effective_from < until]
    current = [one for one in begun if one.version.effective_from <= from_]
    later = [one for one in begun if one.version.effective_from > from_]
    return [*current[-1:], *later] or versions[:1]
