"""Money shared out over packs: never more than there is, and no other choice of packs earns more."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.rules.allot import Choice, allot

some = st.lists(st.tuples(st.integers(1, 50), st.integers(-50, 100)), max_size=3)
goods_ = st.lists(some, min_size=1, max_size=5)


def built(goods: list[list[tuple[int, int]]]) -> list[list[Choice]]:
    return [[Choice(0, 0, 0)] + [Choice(i + 1, *one) for i, one in enumerate(good)] for good in goods]


@settings(max_examples=300)
@given(goods_, st.integers(0, 200))
def test_no_other_choice_of_packs_earns_more_for_the_money(goods: list[list[tuple[int, int]]], budget: int) -> None:
    offered = built(goods)
    chosen = allot(offered, budget)
    affordable = [some for some in product(*offered) if sum(one.cost for one in some) <= budget]
    assert sum(one.cost for one in chosen) <= budget
    assert sum(one.gain for one in chosen) == max(sum(one.gain for one in some) for some in affordable)
    assert all(one in good for one, good in zip(chosen, offered, strict=True))


def test_greed_takes_the_wrong_packs_and_this_does_not() -> None:
    goods = [
        [Choice(0, 0, 0), Choice(1, 60, 66)],
        [Choice(0, 0, 0), Choice(1, 50, 50)],
        [Choice(0, 0, 0), Choice(1, 50, 50)],
    ]
    assert [one.packs for one in allot(goods, 100)] == [0, 1, 1]


def test_without_money_nothing_is_bought_and_without_goods_nothing_is_chosen() -> None:
    assert [one.packs for one in allot(built([[(1, 9)], [(2, 9)]]), 0)] == [0, 0]
    assert allot([], 100) == ()
