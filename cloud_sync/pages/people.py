"""The people of the shop: who may sign in with which role, invitations, and the page by which somebody comes in."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response

from cloud_sync.accounts import people
from cloud_sync.accounts.attempts import TooMany
from cloud_sync.accounts.door import note_now, same_origin, visit_of
from cloud_sync.accounts.passwords import LONGEST, SHORTEST
from cloud_sync.accounts.rights import NAMES
from cloud_sync.accounts.sign_in import SignedIn, sign_in
from cloud_sync.pages.guard import Doer, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import shown
from cloud_sync.pages.sign_in import came_in
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import address_of, service_of
from cloud_sync.staff import Wanted, give_code, stood, tills_of
from edge_agent.errors import BadInput, NotKnown

router = APIRouter()
SIGNS = {"no_sales": "No-sales", "voids_after_total": "Late voids", "refunds": "Refunds"}
"""The signals of the page, and what they are called there."""

Word = Annotated[str, Form(max_length=80)]
Code = Annotated[str, Path(max_length=64)]
Password = Annotated[str, Form(max_length=LONGEST)]


@router.get("/people")
def people_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """Who may sign in, who was invited, and who stands at the tills."""
    return _page(request, owner, shop)


@router.post("/people/invite")
def invite(request: Request, owner: Doer, name: Word = "", role: Word = "") -> Response:
    """A link for one person; it stands on the answer, and nowhere after."""
    service = service_of(request)
    with service.database.writing() as session:
        code = people.invite(session, tenant=owner.tenant, name=name, role=role, by=owner.name, now=service.clock.now())
    return _page(
        request, owner, "", link=f"{service.settings.public_address.rstrip('/')}/invitation/{code}", link_for=name
    )


@router.post("/people/withdraw")
def withdraw(request: Request, owner: Doer, invitation: Word = "") -> Response:
    """The link works no more."""
    with service_of(request).database.writing() as session:
        people.withdraw(session, tenant=owner.tenant, handle=invitation)
    return see_other("/people")


@router.post("/people/role")
def change_role(request: Request, owner: Doer, person: Word = "", role: Word = "") -> Response:
    """Somebody else's new role."""
    with service_of(request).database.writing() as session:
        people.change_role(session, tenant=owner.tenant, person=person, role=role, by=owner.owner)
    return see_other("/people")


@router.post("/people/remove")
def remove(request: Request, owner: Doer, person: Word = "") -> Response:
    """Somebody else is let in no more."""
    service = service_of(request)
    with service.database.writing() as session:
        people.remove(session, tenant=owner.tenant, person=person, by=owner.owner, now=service.clock.now())
    return see_other("/people")


@router.post("/people/pin")
def new_pin(
    request: Request, owner: Doer, shop: Word = "", device: Word = "", person: Annotated[str, Form(max_length=32)] = ""
) -> Response:
    """A code for a new PIN at a till; it stands on the answer, and nowhere after."""
    service = service_of(request)
    now = service.clock.now()
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=now)
    code = give_code(service.database, Wanted(owner.tenant, here.shop, device, person), now)
    return _page(request, owner, here.shop, code=code, code_for=person)


@router.get("/invitation/{code}")
def invitation_page(request: Request, code: Code) -> Response:
    """The form for who was invited."""
    return _form(request, code)


@router.post("/invitation/{code}")
def take_invitation(
    request: Request,
    code: Code,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """With address and password of one's own one is one of the shop's people, signed in."""
    same_origin(request)
    service, visit = service_of(request), visit_of(request)
    try:
        if password != again:
            raise BadInput("The two passwords differ. Type the same one twice.")
        given = {"email": email, "password": password, "address": address_of(request)}
        row = people.accept(service.database, code, **given, now=service.clock.now())
    except TooMany as error:
        answer = _form(request, code, wrong=error.message, email=email, status=429)
        answer.headers["Retry-After"] = str(error.wait_s)
        return answer
    except BadInput as error:
        return _form(request, code, wrong=error.message, email=email, status=422)
    signed = sign_in(service.database, email=row.email, password=password, visit=visit, now=service.clock.now())
    note_now(request, signed, "invitation")
    return came_in(request, signed, "/")


def _form(request: Request, code: str, *, wrong: str = "", email: str = "", status: int = 200) -> Response:
    service = service_of(request)
    asked = people.invitation(service.database, code, service.clock.now())
    if asked is None:
        raise NotKnown("that link does not work any more")
    told: dict[str, Any] = {"code": code, "asked": asked, "role": NAMES.get(asked.role, asked.role), "least": SHORTEST}
    return page(request, "invitation.html", status=status, wrong=wrong, email=email, **told)


def _page(request: Request, owner: SignedIn, shop: str, **once: str) -> Response:
    """`once` is what is shown this once: a link and whom it is for, or a till's code."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        told: dict[str, Any] = {
            "standing": standing(session, here),
            "people": people.people_of(session, owner.tenant),
            "invited": people.invitations_of(session, owner.tenant, here.now),
            "staff": stood(session, owner.tenant, here.shop, here.now),
            "tills": tills_of(session, owner.tenant, here.shop),
            **dict.fromkeys(("link", "link_for", "code", "code_for"), ""),
            **once,
        }
    return page(request, "people.html", owner=owner, shop=here, roles=NAMES, signs=SIGNS, **told)
