"""The tables of `journal.db`: the journal and the feed are the truth, everything else folds them."""

TRUTH = """
CREATE TABLE IF NOT EXISTS journal(
    seq INTEGER PRIMARY KEY,
    line BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ancestor(
    place INTEGER PRIMARY KEY,
    journal TEXT NOT NULL,
    seq INTEGER NOT NULL,
    line BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS feed(
    cursor INTEGER PRIMARY KEY,
    line BLOB NOT NULL
) STRICT;
"""

# What is neither truth nor folded from it: pages of another generation's feed until it is whole, how far the cloud is,
# and forecasts that can be made anew at any time.
BESIDE = """
CREATE TABLE IF NOT EXISTS feed_next(
    cursor INTEGER PRIMARY KEY,
    line BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mark(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forecast(
    sku TEXT PRIMARY KEY,
    made_at INTEGER NOT NULL,
    start_day INTEGER NOT NULL,
    day_means TEXT NOT NULL,
    hour_shares TEXT NOT NULL,
    phi_milli INTEGER NOT NULL,
    forecaster TEXT NOT NULL,
    model TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forecast_mix(sku TEXT PRIMARY KEY, mix TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

# A sale writes two pages: the journal's last one and the receipts'. The log is carried over to the file by the writer,
# between two acts.
PRAGMAS = """
PRAGMA page_size=4096;
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA wal_autocheckpoint=0;
PRAGMA foreign_keys=OFF;
PRAGMA temp_store=MEMORY;
PRAGMA cache_size=-2048;
"""

READER_PRAGMAS = "PRAGMA query_only=ON; PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY;"
