"""Promotions: each method to the cent, and the best of all of them: never more than any one of them alone would ask."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.rules.offers import Offers
from edge_agent.rules.pricing import priced
from edge_agent.rules.promotion import alone, best, shares
from edge_agent.rules.sale import Article, Run, Sale, add, change_qty, discount, discount_all, set_price, void
from edge_agent.wire.events.promotion import Method, PromotionSet

A, B, C, D = (Article(name, name.upper(), price, 0) for name, price in (("a", 100), ("b", 250), ("c", 330), ("d", 79)))
DAY = 86_400_000


def offer(method: Method, value: int, members: str = "a", **more: object) -> PromotionSet:
    return PromotionSet.model_validate(
        {
            "promotion": f"{method}-{members}-{value}",
            "name": f"{method} {value}",
            "method": method,
            "members": tuple(members),
            "value": value,
            **more,
        }
    )


def sale_of(*articles: Article) -> Sale:
    sale = Sale()
    for article in articles:
        sale = add(sale, article, 1000)
    return sale


def total(offers: Sequence[PromotionSet], *articles: Article, at: int = 0, cards: tuple[str, ...] = ()) -> int:
    sale = sale_of(*articles)
    return priced(Sale(sale.lines, cards=cards), Offers(offers, at)).total


def test_three_for_the_price_of_two_as_often_as_it_goes() -> None:
    three = offer("n_for", 200, need=3)
    assert [total([three], *[A] * n) for n in range(1, 8)] == [100, 200, 200, 300, 400, 400, 500]
    sale = priced(sale_of(*[A] * 7), Offers([three], 0))
    assert [(cut.name, cut.amount) for cut in sale.lines[0].cuts] == [("n_for 200, twice", 200)]


def test_so_much_per_cent_off_from_so_many_pieces_on() -> None:
    assert [total([offer("percent", 1000)], *[A] * n) for n in (1, 2)] == [90, 180]
    assert [total([offer("percent", 1000, need=2)], *[A] * n) for n in (1, 2)] == [100, 180]


def test_buy_two_get_the_cheapest_one_free() -> None:
    free = offer("buy_get", 10_000, "abc", need=2, get=1)
    assert total([free], A, B, C) == 580
    assert total([free], A, A, B, C, C, D) == 100 + 100 + 330 + 330 + 79
    assert total([offer("buy_get", 5_000, "abc", need=1, get=1)], B, C) == 330 + 125


def test_any_three_of_a_group_cost_so_much_the_dearest_first() -> None:
    mix = offer("n_for", 500, "abc", need=3)
    assert total([mix], A, B, C, C) == 500 + 100
    assert total([mix], A, A, A) == 300


def test_one_of_each_group_together() -> None:
    meal = offer("pair_for", 300, "ab", others=("c",), need=1, get=1)
    assert [total([meal], *bought) for bought in ((B, C), (A, B, C), (B, B), (C,))] == [300, 400, 500, 330]
    half = offer("pair_percent", 5_000, "a", others=("c", "d"), need=2, get=1)
    assert total([half], A, A, C, D) == 200 + 165 + 79


def test_from_four_pieces_on_each_costs_less() -> None:
    many = offer("from_n", 80, need=4)
    assert [total([many], *[A] * n) for n in (3, 4, 5)] == [300, 320, 400]
    assert total([offer("from_n", 120)], A) == 100


def test_a_limit_counts_in_each_sale() -> None:
    assert total([offer("n_for", 150, need=2, limit=1)], *[A] * 6) == 150 + 400
    assert total([offer("percent", 5_000, limit=2)], *[A] * 3) == 200
    assert total([offer("from_n", 50, limit=1)], A, A) == 150


def test_a_promotion_has_its_days() -> None:
    dated = offer("percent", 5_000, from_at=DAY, until_at=2 * DAY)
    assert [total([dated], A, at=at) for at in (0, DAY - 1, DAY, 2 * DAY - 1, 2 * DAY)] == [100, 100, 50, 50, 100]
    assert [Offers([dated], at).until for at in (0, DAY)] == [DAY, 2 * DAY]
    assert total([offer("percent", 5_000, active=False)], A) == 100


def test_a_card_brings_its_own_promotions() -> None:
    staff = offer("percent", 2_000, card="STAFF")
    assert (total([staff], A), total([staff], A, cards=("STAFF",))) == (100, 80)
    assert Offers([staff], 0).cards == {"STAFF"}


def test_no_two_promotions_on_one_piece_and_none_on_what_was_priced_by_hand() -> None:
    both = [offer("percent", 1000), offer("from_n", 70)]
    assert total(both, A) == 70
    hand = discount(sale_of(A), 0, 500)
    assert priced(hand, Offers(both, 0)).total == 95
    assert priced(set_price(sale_of(A), 0, 99, "damaged"), Offers(both, 0)).total == 99
    assert priced(discount_all(sale_of(A, B), 1000), Offers(both, 0)).total == 70 + 250 - 32


def test_what_is_weighed_has_a_part_in_per_cents_alone() -> None:
    sale = add(Sale(), Article("a", "Cheese", 1000, 0, unit="kg"), 742)
    assert priced(sale, Offers([offer("percent", 1000)], 0)).total == 742 - 74
    assert priced(sale, Offers([offer("n_for", 1), offer("from_n", 1)], 0)).total == 742


def test_the_best_of_several_is_not_the_first_that_fits() -> None:
    """The biggest saving first (180) leaves the other two without their pieces (165 and 29)."""
    pair = offer("pair_for", 400, "b", others=("c",), get=1, promotion="p1")
    two = offer("n_for", 300, "bd", need=2, promotion="p2")
    half = offer("pair_percent", 5_000, "a", others=("c",), get=1, promotion="p3")
    assert [total([one], A, B, C, D) for one in (pair, two, half)] == [759 - 180, 759 - 29, 759 - 165]
    assert total([pair, two, half], A, B, C, D) == 759 - 165 - 29


SKUS = "abcd"
methods = st.sampled_from(["n_for", "percent", "buy_get", "pair_for", "pair_percent", "from_n"])
offers = st.builds(
    lambda method, members, others, need, get, value, limit, place: offer(
        method,
        value if method in ("n_for", "pair_for", "from_n") else value * 10 % 10_001,
        "".join(sorted(members)),
        others=tuple(sorted(set(others) - set(members))),
        need=need,
        get=get,
        limit=limit,
        promotion=f"p{place}",
    ),
    methods,
    st.sets(st.sampled_from(SKUS), min_size=1),
    st.sets(st.sampled_from(SKUS)),
    st.integers(1, 4),
    st.integers(1, 2),
    st.integers(0, 1200),
    st.integers(0, 3),
    st.integers(0, 9),
)
runs = st.builds(Run, st.sampled_from(SKUS), st.integers(0, 500), st.integers(1, 6))
baskets = st.lists(runs, max_size=7).map(tuple)
several = st.lists(offers, min_size=1, max_size=4, unique_by=lambda one: one.promotion)


@settings(max_examples=300, deadline=None)
@given(several, baskets)
def test_together_they_never_ask_more_than_any_one_alone(known: list[PromotionSet], basket: tuple[Run, ...]) -> None:
    counts = tuple(run.pieces for run in basket)
    together = sum(bundle.saving for bundle in best(known, basket))
    for one in known:
        assert together >= sum(bundle.saving for bundle in alone(one, basket, counts))


@settings(max_examples=300, deadline=None)
@given(several, baskets)
def test_no_piece_is_taken_twice_and_no_saving_is_more_than_the_goods(
    known: list[PromotionSet], basket: tuple[Run, ...]
) -> None:
    used = [0] * len(basket)
    for bundle in best(known, basket):
        assert bundle.saving > 0
        for at, count in bundle.parts.items():
            used[at] += count * bundle.times
        for at, amount in shares(bundle, basket).items():
            assert 0 <= amount <= basket[at].price * bundle.parts[at] * bundle.times
    assert all(count <= run.pieces for count, run in zip(used, basket, strict=True))


@settings(max_examples=200, deadline=None)
@given(several, baskets)
def test_the_same_basket_gives_the_same_answer_in_any_order_of_promotions(
    known: list[PromotionSet], basket: tuple[Run, ...]
) -> None:
    def saved(order: Sequence[PromotionSet]) -> int:
        sale = Sale()
        for run in basket:
            sale = add(sale, Article(run.sku, run.sku, run.price, 0), run.pieces * 1000)
        return priced(sale, Offers(order, 0)).total

    assert saved(known) == saved(list(reversed(known)))


@settings(max_examples=60, deadline=None)
@given(several, st.lists(st.builds(Run, st.sampled_from(SKUS), st.integers(1, 500), st.just(1)), max_size=6).map(tuple))
def test_small_baskets_are_exact(known: list[PromotionSet], basket: tuple[Run, ...]) -> None:
    """Against every way to hand each piece to one of the promotions or to none."""

    def most(place: int, given: tuple[int, ...]) -> int:
        if place == len(basket):
            return sum(
                sum(bundle.saving for bundle in alone(one, basket, tuple(int(hand == number) for hand in given)))
                for number, one in enumerate(known)
            )
        return max(most(place + 1, (*given, hand)) for hand in range(-1, len(known)))

    if len(basket) > 4 and len(known) > 2:
        return
    assert sum(bundle.saving for bundle in best(known, basket)) == most(0, ())


@pytest.mark.parametrize("size", [12, 300])
def test_a_large_basket_is_answered_at_once_and_no_worse_than_one_alone(size: int) -> None:
    basket = tuple(Run(SKUS[n % 4], 100 + 7 * n, 1 + n % 3) for n in range(size))
    known = [
        offer("n_for", 250, "abcd", need=3, promotion="1"),
        offer("buy_get", 10_000, "ab", need=2, get=1, promotion="2"),
        offer("pair_for", 300, "a", others=("c",), get=1, promotion="3"),
    ]
    counts = tuple(run.pieces for run in basket)
    together = sum(bundle.saving for bundle in best(known, basket))
    assert together >= max(sum(bundle.saving for bundle in alone(one, basket, counts)) for one in known) > 0


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "more", "less", "void", "off", "all off", "price", "card"]),
        st.integers(0, 9),
        st.sampled_from([A, B, C, D]),
    ),
    max_size=25,
)
TOGETHER = (
    offer("n_for", 500, "abc", need=3),
    offer("percent", 2_000, "d", card="club"),
    offer("pair_percent", 5_000, "a", others=("b",), need=1, get=1),
)


def acted(sale: Sale, act: str, number: int, article: Article) -> Sale:
    """The sale after one more act of the cashier."""
    if act == "card":
        return replace(sale, cards=() if sale.cards else ("club",))
    if act == "add" or not sale.lines:
        return add(sale, article, 1000 * (1 + number % 3))
    place = number % len(sale.lines)
    acts: dict[str, Callable[[], Sale]] = {
        "more": lambda: change_qty(sale, place, 1000),
        "less": lambda: change_qty(sale, place, -1000),
        "void": lambda: void(sale, place),
        "off": lambda: discount(sale, place, 1_000 * (number % 3)),
        "all off": lambda: discount_all(sale, 500 * (number % 3)),
        "price": lambda: set_price(sale, place, 50 + number, "damaged"),
    }
    return acts[act]()


@given(ACTS)
def test_asking_only_what_an_act_touched_gives_what_asking_everything_gives(
    acts: list[tuple[str, int, Article]],
) -> None:
    kept, sale = Offers(TOGETHER, 0), Sale()
    for act in acts:
        sale = acted(sale, *act)
        anew = priced(sale, Offers(TOGETHER, 0))
        sale = priced(sale, kept)
        assert sale == anew
        assert (sale.total, sale.items) == (anew.total, sum(line.pieces for line in anew.lines))
