"""A process that tries to sign in with wrong passwords, from several threads, and says what came of each try.

`python -m tests.usecases.trying URL SHARED FIRST COUNT`: SHARED is what the tries have in common, account or network.
"""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from argon2 import PasswordHasher
from sqlalchemy.exc import OperationalError

from portal.domain.notices.refusals import Invalid, TooMany
from portal.usecases.people import accounts
from portal.usecases.people.sessions import Browser
from tests.databases import prepared_engine, sessions

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
THREADS = 4
verify = PasswordHasher.verify
hashes: Counter[str] = Counter()


def counted(*args: object, **kwargs: object) -> bool:
    hashes["hashed"] += 1
    return verify(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came


def account_and_network(shared: str, number: int) -> tuple[str, str]:
    if shared == "account":
        return "ada@globex.example", f"10.{number // 256}.{number % 256}.7"
    return f"person{number}@globex.example", f"192.0.2.{number % 256}"


def main(url: str, shared: str, first: int, count: int) -> None:
    PasswordHasher.verify = counted  # type: ignore[method-assign]  # it still does the work
    engine = prepared_engine(url)
    maker = sessions(engine)

    def attempt(number: int) -> str:
        email, address = account_and_network(shared, number)
        while True:
            try:
                with maker() as session:
                    accounts.sign_in(session, email, "a wrong password", Browser(address, ""), NOW)
            except Invalid:
                return "reached"
            except TooMany:
                return "refused"
            except OperationalError:
                continue  # SQLite's writers wait for each other no longer than a reader would: the try is made again
            return "signed in"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(attempt, range(first, first + count)))
    print(json.dumps({**outcomes, **hashes}))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
