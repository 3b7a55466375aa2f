"""The second step of signing in: codes by RFC 6238, each once; recovery codes; sessions that prove themselves again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.accounts import second
from cloud_sync.accounts.attempts import WINDOW_MS, TooMany
from cloud_sync.accounts.owners import set_password
from cloud_sync.accounts.sessions import (
    ABSOLUTE_MS,
    HALF_MS,
    REMEMBERED_MS,
    browser_of,
    end_sessions,
    open_sessions,
    second_key,
)
from cloud_sync.accounts.sign_in import SignedIn, Visit, finish, half_in, known, prove, sign_in, who
from cloud_sync.accounts.totp import STEP_S, address, code_at, step_of, typed_by_hand
from cloud_sync.tables.accounts import KnownBrowser, Owner, OwnerSession, RecoveryCode
from edge_agent.errors import BadInput, NotAllowed
from tests.cloud import Cloud
from tests.shop import TUESDAY_14

NOW = TUESDAY_14
OWN = "walks in the rain"
RFC = b"12345678901234567890"
STEP_MS = STEP_S * 1000
HOME = Visit("1.2.3.4")


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_at(RFC, at // STEP_S) == code
    assert step_of(RFC, f"{code[:3]} {code[3:]}", now=at * 1000, after=0) == at // STEP_S


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    here = NOW // STEP_MS
    for off in (-2, -1, 0, 1, 2):
        found = step_of(RFC, code_at(RFC, here + off), now=NOW, after=0)
        assert found == (here + off if abs(off) <= 1 else None)
    assert step_of(RFC, "", now=NOW, after=0) is None
    assert step_of(RFC, "éééééé", now=NOW, after=0) is None


def test_what_the_qr_code_says_names_the_account_and_the_secret() -> None:
    said = address(RFC, issuer="Dropshelf", account="ann@shop.example")
    assert said == (
        "otpauth://totp/Dropshelf%3Aann%40shop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Dropshelf"
    )
    assert typed_by_hand(RFC) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


class Ann:
    """An owner of the cloud's shop with a password of her own, and what she does."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.email = cloud, f"ann-{cloud.shop.tenant}@shop.example"
        cloud.owner(self.email)
        with cloud.database.writing() as session:
            self.owner = session.exec(select(Owner).where(Owner.email == self.email)).one().owner
            set_password(session, tenant=cloud.shop.tenant, owner=self.owner, password=OWN)

    @property
    def key_file(self) -> Path:
        return second_key(self.cloud.service.settings)

    def held(self) -> Owner:
        with self.cloud.reading() as session:
            return session.get_one(Owner, (self.cloud.shop.tenant, self.owner))

    def code(self, at: int) -> str:
        return code_at(second.secret_for(self.key_file, self.held()), at // STEP_MS)

    def enrols(self, at: int = NOW) -> list[str]:
        with self.cloud.database.writing() as session:
            second.begin(session, second.held(session, tenant=self.cloud.shop.tenant, owner=self.owner))
        with self.cloud.database.writing() as session:
            row = second.held(session, tenant=self.cloud.shop.tenant, owner=self.owner)
            return second.confirm(session, self.key_file, row, self.code(at), at)

    def enters(self, password: str = OWN, *, at: int = NOW, visit: Visit = HOME) -> SignedIn:
        return sign_in(self.cloud.database, email=self.email, password=password, visit=visit, now=at)

    def gives(self, half: SignedIn, code: str, *, at: int = NOW, visit: Visit = HOME) -> SignedIn:
        cloud, key_file = self.cloud.database, self.key_file
        return finish(cloud, token=half.token, code=code, visit=visit, key_file=key_file, now=at)

    def proves(self, signed: SignedIn, answer: str, *, at: int = NOW) -> SignedIn:
        return prove(self.cloud.database, signed, answer=answer, key_file=self.key_file, now=at)


@pytest.fixture
def ann(cloud: Cloud) -> Ann:
    return Ann(cloud)


def test_with_an_authenticator_the_password_alone_opens_nothing(ann: Ann) -> None:
    ann.enrols()
    half = ann.enters()
    assert half.awaits_code
    assert who(ann.cloud.database, half.token, NOW) is None
    assert half_in(ann.cloud.database, half.token, NOW + HALF_MS) is None
    signed = ann.gives(half, ann.code(NOW + STEP_MS), at=NOW + STEP_MS)
    assert signed.second
    assert who(ann.cloud.database, half.token, NOW + STEP_MS) is None, "the token changes when the session is whole"
    assert who(ann.cloud.database, signed.token, NOW + STEP_MS) == signed


def test_a_code_is_taken_once_also_the_one_that_enrolled(ann: Ann) -> None:
    ann.enrols()
    with pytest.raises(NotAllowed):
        ann.gives(ann.enters(), ann.code(NOW))
    later = NOW + STEP_MS
    ann.gives(ann.enters(at=later), ann.code(later), at=later)
    for code in (ann.code(later), ann.code(NOW)):
        with pytest.raises(NotAllowed):
            ann.gives(ann.enters(at=later), code, at=later)


def test_a_recovery_code_lets_in_once_and_a_new_set_ends_the_old(ann: Ann) -> None:
    codes = ann.enrols()
    assert len(set(codes)) == 10
    assert ann.gives(ann.enters(), codes[3].lower()).second
    with pytest.raises(NotAllowed):
        ann.gives(ann.enters(), codes[3])
    with ann.cloud.database.writing() as session:
        row = second.held(session, tenant=ann.cloud.shop.tenant, owner=ann.owner)
        assert second.codes_left(session, tenant=row.tenant, owner=row.owner) == 9
        fresh = second.new_recovery_codes(session, row)
    with pytest.raises(NotAllowed):
        ann.gives(ann.enters(), codes[4])
    later = NOW + WINDOW_MS
    assert ann.gives(ann.enters(at=later), fresh[0], at=later).second


def test_neither_the_secret_nor_a_recovery_code_is_stored(ann: Ann) -> None:
    codes = ann.enrols()
    signed = ann.gives(ann.enters(), codes[0])
    token = known(ann.cloud.database, signed, "", NOW)
    with ann.cloud.reading() as session:
        tables = (Owner, OwnerSession, RecoveryCode, KnownBrowser)
        text = "\n".join(row.model_dump_json() for table in tables for row in session.exec(select(table)))
    secret = second.secret_for(ann.key_file, ann.held())
    for hidden in (*codes, *(code.replace("-", "") for code in codes), secret.hex(), signed.token, signed.csrf, token):
        assert hidden not in text
    assert text.count("$argon2id$v=19$m=19456,t=2,p=1$") >= 11
    assert ann.key_file.stat().st_mode & 0o777 == 0o600


def test_a_wrong_first_code_turns_nothing_on_and_a_new_set_up_is_another_secret(ann: Ann) -> None:
    with pytest.raises(BadInput, match="nothing to confirm"), ann.cloud.database.writing() as session:
        second.confirm(
            session, ann.key_file, second.held(session, tenant=ann.cloud.shop.tenant, owner=ann.owner), "", 1
        )
    ann.enrols()
    first = second.secret_for(ann.key_file, ann.held())
    with pytest.raises(BadInput, match="already"):
        ann.enrols()
    with ann.cloud.database.writing() as session:
        second.end(session, second.held(session, tenant=ann.cloud.shop.tenant, owner=ann.owner))
    assert not ann.enters().awaits_code
    with ann.cloud.database.writing() as session:
        row = second.held(session, tenant=ann.cloud.shop.tenant, owner=ann.owner)
        second.begin(session, row)
        with pytest.raises(BadInput, match="not the code of now"):
            second.confirm(session, ann.key_file, row, "000000", NOW)
        assert second.secret_for(ann.key_file, row) != first


@pytest.mark.parametrize("step", ["half", "whole"])
def test_five_wrong_codes_end_the_session(ann: Ann, step: str) -> None:
    codes = ann.enrols()
    half = ann.enters()
    gives: Callable[[str], SignedIn] = lambda code: ann.gives(half, code, visit=Visit(str(code)))  # noqa: E731
    if step == "whole":
        whole = ann.gives(half, codes[0])
        gives = lambda code: ann.proves(whole, code)  # noqa: E731
    for wrong in range(5):
        with pytest.raises(NotAllowed):
            gives(f"{wrong:06d}")
    with pytest.raises(NotAllowed):
        gives(codes[1])
    with ann.cloud.reading() as session:
        assert open_sessions(session, tenant=ann.cloud.shop.tenant, owner=ann.owner, now=NOW) == []


def test_proving_once_more_changes_the_token_and_keeps_the_forms(ann: Ann) -> None:
    signed = ann.enters()
    fresh = ann.proves(signed, OWN, at=NOW + 1000)
    assert fresh.token != signed.token
    assert (fresh.csrf, fresh.proved_at) == (signed.csrf, NOW + 1000)
    assert who(ann.cloud.database, signed.token, NOW + 1000) is None
    with pytest.raises(NotAllowed, match="not your password"):
        ann.proves(fresh, "something else")


def test_a_remembered_browser_stays_for_thirty_days_and_no_longer(ann: Ann) -> None:
    signed = ann.enters(visit=Visit("1.2.3.4", "Firefox on Android", remember=True))
    assert who(ann.cloud.database, signed.token, NOW + ABSOLUTE_MS + 1) is not None
    later = NOW + REMEMBERED_MS - 1
    fresh = ann.proves(signed, OWN, at=later)
    assert who(ann.cloud.database, fresh.token, later) is not None
    assert who(ann.cloud.database, fresh.token, later + 1) is None, "a proof makes it no younger"


def test_signing_out_somewhere_and_everywhere(ann: Ann) -> None:
    phone, desk = ann.enters(visit=Visit("1.2.3.4", "Chrome on Android", remember=True)), ann.enters()
    mine = {"tenant": ann.cloud.shop.tenant, "owner": ann.owner}
    with ann.cloud.database.writing() as session:
        assert {row.browser for row in open_sessions(session, **mine, now=NOW)} == {"Chrome on Android", ""}
        end_sessions(session, **mine, named=phone.session)
    assert who(ann.cloud.database, phone.token, NOW) is None
    assert who(ann.cloud.database, desk.token, NOW) == desk
    with ann.cloud.database.writing() as session:
        end_sessions(session, **mine)
    assert who(ann.cloud.database, desk.token, NOW) is None


def test_who_guesses_elsewhere_does_not_lock_the_owner_out_of_a_browser_she_used_before(ann: Ann) -> None:
    token = known(ann.cloud.database, ann.enters(), "", NOW)
    for place in range(5):
        with pytest.raises(NotAllowed):
            ann.enters("wrong", visit=Visit(f"9.9.9.{place}"))
    with pytest.raises(TooMany):
        ann.enters(visit=Visit("9.9.9.9"))
    assert ann.enters(visit=Visit("9.9.9.9", known=token)).owner == ann.owner
    for _ in range(5):
        with pytest.raises(NotAllowed):
            ann.enters("wrong", visit=Visit("9.9.9.9", known=token))
    with pytest.raises(TooMany):
        ann.enters(visit=Visit("9.9.9.9", known=token))


def test_of_a_thousand_guesses_five_are_checked(ann: Ann, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr("cloud_sync.accounts.sign_in.matches", lambda *given: checked.append(given))
    for guess in range(1000):
        with pytest.raises(NotAllowed):
            ann.enters(f"guess {guess}", visit=Visit(f"8.8.{guess // 250}.{guess % 250}"))
    assert len(checked) == 5


def test_one_right_account_hides_no_wrong_ones_of_its_address(ann: Ann) -> None:
    for guess in range(19):
        with pytest.raises(NotAllowed, match="belong together"):
            sign_in(ann.cloud.database, email=f"{guess}@x.example", password="x", visit=Visit("7.7.7.7"), now=NOW)
    ann.enters(visit=Visit("7.7.7.7"))
    with pytest.raises(NotAllowed, match="belong together"):
        sign_in(ann.cloud.database, email="20@x.example", password="x", visit=Visit("7.7.7.7"), now=NOW)
    with pytest.raises(TooMany):
        sign_in(ann.cloud.database, email="21@x.example", password="x", visit=Visit("7.7.7.7"), now=NOW)


def test_the_installer_brings_an_owner_back_who_lost_everything(ann: Ann) -> None:
    ann.enrols()
    for place in range(5):
        with pytest.raises(NotAllowed):
            ann.enters("wrong", visit=Visit(f"9.9.9.{place}"))
    once = ann.cloud.owner(ann.email)
    assert not ann.enters(once).awaits_code


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", "A program"),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(said: str, words: str) -> None:
    assert browser_of(said) == words
