"""A day's samples as canonical bytes and back (docs/evidence.md)."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.domain.evidence.chunk import DAY_S, FIELDS, BadChunk, DayKey, Record, decode, digest, encode, merge

KEY = DayKey(12, 3, 20_779)
MONOTONIC_FROM = -3_000_000_000_000

milliseconds = st.none() | st.integers(-1, 200) | st.integers(-(2**31), 2**31 - 1)
texts = st.none() | st.sampled_from(("timeout", "status", "probe_unhealthy")) | st.text(max_size=9)


def records(most: int = 6) -> st.SearchStrategy[list[Record]]:
    """Days of samples: any slots of the day, any values its columns can hold."""
    rest = st.tuples(
        st.integers(0, 3),
        texts,
        texts,
        st.none() | st.integers(0, 999),
        *[milliseconds] * 7,
        st.none() | st.integers(MONOTONIC_FROM, 2**53),
        st.integers(0, 2**31 - 1),
        st.integers(0, 2),
    )
    slots = st.lists(st.integers(KEY.start, KEY.end - 1), unique=True, max_size=most).map(sorted)
    return slots.flatmap(
        lambda chosen: st.tuples(*[rest] * len(chosen)).map(
            lambda found: [(slot, *values) for slot, values in zip(chosen, found, strict=True)]
        )
    )


def minutes(count: int = 1_440) -> list[Record]:
    """A day as a probe leaves it: one sample a minute."""
    slots = range(KEY.start + 17, KEY.end, 60)
    return [
        (slot, 0, None, None, 200, 3, 0, 9, 21, 48 + at % 7, 1, 80 + at % 9, 1000 * slot - 5_000, 4, 0)
        for at, slot in enumerate(slots[:count])
    ]


def changed(record: Record, **values: Any) -> Record:
    return tuple(values.get(field, value) for field, value in zip(FIELDS, record, strict=True))


@given(records())
@example([])
def test_what_was_encoded_comes_back_as_it_was(given: list[Record]) -> None:
    assert decode(encode(KEY, given)) == (KEY, given)


@settings(max_examples=50)
@given(records())
def test_what_can_be_decoded_is_encoded_to_the_same_bytes(given: list[Record]) -> None:
    content = encode(KEY, given)
    assert encode(*decode(content)) == content


@settings(max_examples=50)
@given(records(5), st.integers(0, 4), st.integers(0, len(FIELDS) - 1))
def test_any_change_of_any_field_makes_other_bytes(given: list[Record], row: int, column: int) -> None:
    if row >= len(given) or FIELDS[column] == "slot":
        return
    other = list(given)
    value = given[row][column]
    different = f"{value}x" if FIELDS[column] in ("reason", "error") else 1 if value == 0 else 0
    other[row] = changed(given[row], **{FIELDS[column]: different})
    assert digest(encode(KEY, other)) != digest(encode(KEY, given))


def test_the_same_samples_of_another_probe_location_or_day_make_other_bytes() -> None:
    keys = (KEY, DayKey(13, 3, KEY.day), DayKey(12, 4, KEY.day), DayKey(12, 3, KEY.day + 1))
    moved = [
        encode(key, [changed(one, slot=one[0] + (key.day - KEY.day) * DAY_S) for one in minutes(9)]) for key in keys
    ]
    assert len({digest(content) for content in moved}) == len(keys)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([changed(minutes(1)[0], slot=KEY.start - 1)], "outside"),
        ([changed(minutes(1)[0], slot=KEY.end)], "outside"),
        ([minutes(2)[1], minutes(2)[0]], "do not rise"),
        ([minutes(1)[0], minutes(1)[0]], "do not rise"),
        ([changed(minutes(1)[0], monotonic_ms=2**70)], "64 bits"),
    ],
)
def test_what_is_no_day_is_refused(given: list[Record], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        encode(KEY, given)


def test_a_chunk_cut_off_anywhere_is_refused() -> None:
    content = encode(KEY, [*minutes(2), changed(minutes(3)[2], reason="overrun", state=3)])
    for length in range(len(content)):
        with pytest.raises(BadChunk):
            decode(content[:length])


def test_a_chunk_that_goes_on_is_refused() -> None:
    with pytest.raises(BadChunk, match="goes on"):
        decode(encode(KEY, minutes(2)) + b"\0")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_chunk_are_refused(content: bytes) -> None:
    with pytest.raises(BadChunk):
        decode(content)


@settings(max_examples=60)
@given(st.data())
def test_a_chunk_with_any_byte_changed_is_refused_or_says_something_else(data: st.DataObject) -> None:
    given = [*minutes(3), changed(minutes(4)[3], error="status", state=1)]
    content = bytearray(encode(KEY, given))
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    whole = decode(encode(KEY, given))
    try:
        found = decode(bytes(content))
    except BadChunk:
        return
    assert found != whole


def test_a_count_that_no_day_can_have_is_refused_before_anything_is_made_of_it() -> None:
    content = bytearray(encode(KEY, []))
    content[36:40] = b"\xff\xff\xff\xff"
    with pytest.raises(BadChunk, match="more samples than its day has seconds"):
        decode(bytes(content))


def test_merging_keeps_the_first_of_two_at_one_slot_and_puts_all_in_order() -> None:
    day = minutes(6)
    late = changed(day[2], state=1)
    assert merge([day[0], day[2], day[5]], [late, day[1]], [day[3]]) == [day[0], day[1], day[2], day[3], day[5]]


def test_a_day_has_a_date_and_a_name() -> None:
    assert KEY.date == "2026-11-22"
    assert KEY.name == "probe 12 at location 3 on 2026-11-22"
    assert DayKey(1, 1, 10**9).date == "day 1000000000"
