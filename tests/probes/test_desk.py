"""Who starts next."""

from probes.desk import Ahead, Desk
from probes.guard import Policy
from probes.results import Order
from probes.targets import TcpTarget


def order(probe: int, slot: int = 0) -> Order:
    return Order(probe, 1, slot, TcpTarget("127.0.0.1:1"), Policy(), 1000, 0)


def started(desk: Desk) -> list[int]:
    probes = []
    while (following := desk.start_next()) is not None:
        probes.append(following.probe)
    return probes


def test_orders_start_first_come_first_served_while_there_are_places() -> None:
    desk = Desk(2)
    for probe in (3, 1, 2):
        assert desk.take(order(probe))
    assert started(desk) == [3, 1]
    desk.finish(order(3), timed_out=False)
    assert started(desk) == [2]


def test_whoever_timed_out_waits_behind_the_others_and_takes_at_most_half_of_the_places() -> None:
    desk = Desk(4)
    for probe in range(4):
        desk.take(order(probe))
    assert started(desk) == [0, 1, 2, 3]
    for probe in range(4):
        desk.finish(order(probe), timed_out=True)
    for probe in range(4):
        desk.take(order(probe, slot=60))
    desk.take(order(10, slot=60))
    assert started(desk) == [10, 0, 1]
    desk.finish(order(10, 60), timed_out=False)
    assert started(desk) == []
    desk.finish(order(0, 60), timed_out=False)
    assert started(desk) == [2]
    desk.finish(order(1, 60), timed_out=True)
    desk.take(order(0, slot=120))
    assert started(desk) == [0, 3]


def test_with_a_single_place_whoever_timed_out_still_gets_its_turn() -> None:
    desk = Desk(1)
    desk.take(order(1))
    assert started(desk) == [1]
    desk.finish(order(1), timed_out=True)
    desk.take(order(1, slot=60))
    assert started(desk) == [1]


def test_giving_up_returns_every_order_once() -> None:
    desk = Desk(1)
    for each in (order(1), order(2), order(2, 60), order(3), order(1, 60)):
        assert desk.take(each)
    assert not desk.take(order(2, 60))
    assert started(desk) == [1]
    assert [(each.probe, each.slot) for each in desk.give_up_waiting()] == [(2, 0), (2, 60), (3, 0)]
    assert [(each.probe, each.slot) for each in desk.clear()] == [(1, 0), (1, 60)]
    assert list(desk.clear()) == []


def test_orders_held_start_within_half_a_second_after_their_slot_and_never_before_it() -> None:
    ahead = Ahead()
    orders = [Order(probe, 1, 100, TcpTarget("127.0.0.1:1"), Policy(), 1000, 130_000) for probe in range(200)]
    assert all(ahead.hold(one, 99_000) for one in orders)
    assert ahead.wait_ms(99_000) == 1_000
    assert list(ahead.due(99_999)) == []
    first = list(ahead.due(100_000))
    assert len(first) == 40
    assert sorted(one.probe for one in (*first, *ahead.due(100_500))) == list(range(200))
    assert (len(ahead), ahead.wait_ms(100_500)) == (0, None)


def test_an_order_is_held_for_a_quarter_of_its_interval_at_most() -> None:
    ahead = Ahead()
    for probe in range(200):
        ahead.hold(Order(probe, 1, 100, TcpTarget("127.0.0.1:1"), Policy(), 1000, 100_500), 99_000)
    assert len(list(ahead.due(100_250))) == 200


def test_an_order_that_is_due_is_not_held() -> None:
    assert not Ahead().hold(order(1, slot=100), 100_000)
