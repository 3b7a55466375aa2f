"""Examples of the API, as the schema shows them: a corner shop with one till and one order to decide."""

HASH, KEY, JOURNAL, GENERATION = "5e" * 32, "4f2a91c0" + "7b" * 28, "a1" * 16, "9c0d6f1a2b3c4d5e"
AT = 1_772_546_400_000
DAY = 86_400_000

PAIR = {"code": "7K3MQ9XD", "public_key": "3b" * 32, "till": "Till 1"}
PAIRED = {
    "tenant": "6d1f0a9b8c7e5d4c",
    "shop": "0c1b2a3d4e5f6071",
    "device": "77aa88bb99cc00dd",
    "credential": "shown-once-and-kept-by-the-till",
    "audience": "1f" * 16,
    "shop_name": "Corner Shop",
    "model_key": "2e" * 32,
}
SESSION = {"journal": JOURNAL, "head_seq": 1203, "head_hash": HASH, "boot": "b7", "version": "0.1.0", "accept": 1}
OPENED = {
    "session": 8,
    "ack": 1190,
    "ack_hash": "6d" * 32,
    "safe": 1100,
    "generation": GENERATION,
    "limits": {"batch_events": 2000, "batch_bytes": 4194304, "spread_s": 0, "idle_s": 30},
    "time": AT,
}
BATCH = (
    '{"journal":"a1...","session":8,"first":1191,"last":1203,"head_hash":"5e...","signature":"..."}\n{"seq":1191,...}\n'
)
ACK = {"journal": JOURNAL, "session": 8, "to": 1203, "head_hash": HASH, "received": 1203, "safe": 1100}
FEED = {
    "generation": GENERATION,
    "entries": [{"cursor": 41, "kind": "shop_set", "v": 1, "at": AT, "body": {"name": "Corner Shop"}}],
    "head": 41,
}
LINES = {"journal": JOURNAL, "after": 1203, "lines": []}
PART = {"sha256": HASH, "after": 0, "data": ""}

SIGN_IN = {"email": "ann@shop.example", "password": "a crate of oat milk", "code": "123456"}
PROOF = {"answer": "123456"}
OWNER = {"email": "ann@shop.example", "name": "Ann", "role": "owner", "one_time": False, "csrf": "c5" * 32}
LINE = {
    "sku": "oat",
    "name": "Oat milk 1 l",
    "packs": 3,
    "qty": 18000,
    "cost": 2331,
    "approved_packs": None,
    "approved_qty": None,
    "received": None,
}
ORDER = {
    "order": KEY,
    "number": "4F2A-91C0",
    "shop": "0c1b2a3d4e5f6071",
    "state": "proposed",
    "supplier": "north",
    "supplier_name": "Northside",
    "cycle": 7,
    "revision": 2,
    "edited": False,
    "by": "",
    "reason": "",
    "value": 2331,
    "version": "0.2.a1a1a1a1",
    "proposed_at": AT,
    "cutoff_at": AT + DAY,
    "arrives_at": AT + 3 * DAY,
    "next_arrives_at": AT + 10 * DAY,
    "decided_at": None,
    "lines": [LINE],
}
ORDERS = {"orders": [ORDER]}
APPROVAL = {"version": "0.2.a1a1a1a1", "packs": {"oat": 4}}
REJECTION = {"version": "0.2.a1a1a1a1", "reason": "Too much"}
GIVEN = {
    "signals": [{"name": "Footfall", "time": "2026-03-01T14:05", "value": 412, "source": "door counter"}],
    "events": [{"name": "Harbour market", "date": "2026-03-06", "kind": "market", "attendance": 900}],
}
ENTERED = {"new": 2, "known": 0}
SIGNALS = {
    "signals": [
        {
            "name": "Footfall",
            "kind": "trend",
            "about": "",
            "at": AT,
            "value": 412000,
            "source": "door counter",
            "usual": 0,
            "age_days": 1,
            "counts": True,
        }
    ],
    "events": [
        {
            "name": "Harbour market",
            "kind": "market",
            "about": "",
            "first_day": 739681,
            "last_day": 739681,
            "attendance": 900,
            "distance": 0,
            "source": "",
            "called_off": False,
        }
    ],
}

MARKET_ORDER = {"reference": "BZ-1042", "lines": [{"sku": "mug-s", "pieces": 2, "price": 1200}], "paid": True}
MARKET_KEPT = {
    "reference": "BZ-1042",
    "number": 17,
    "code": "7512345678901234",
    "state": "open",
    "until": AT + 7 * DAY,
    "new": True,
}
