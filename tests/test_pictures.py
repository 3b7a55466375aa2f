"""Every page of the owner has its pictures: who adds one says in which states it is to be looked at."""

from scripts.owner_pictures_ import NO_PAGES, PLACES, slug
from tests.walls import TABLE


def test_every_page_of_the_table_of_routes_names_the_states_that_it_is_pictured_in() -> None:
    paths = {row.path for row in TABLE if row.method == "GET" and not row.path.startswith(NO_PAGES)}
    pages = {path for path in paths if not path.endswith((".csv", ".zip"))}
    assert set(PLACES) == pages
    for path, place in PLACES.items():
        assert place.states, path
        assert place.address is not None or "{" not in path, f"{path} needs an address in the scene"
        assert "stranger" in place.states or "filled" in place.states, path


def test_no_two_pages_have_the_same_file() -> None:
    assert len({slug(path) for path in PLACES}) == len(PLACES)
