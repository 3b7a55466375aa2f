"""The floor of a scan: read keys in raw mode up to CR, look the code up in SQLite, print the line. No till."""

import os
import sqlite3
import sys
import tty


def main(file: str) -> None:
    """Answer every code with its line, for ever."""
    db = sqlite3.connect(file)
    tty.setraw(0)
    os.write(1, b"ready\r\n")
    waiting, row = b"", 0
    while data := os.read(0, 65_536):
        *codes, waiting = (waiting + data).split(b"\r")
        for code in codes:
            found = db.execute("SELECT name, price FROM item WHERE code = ?", (code.decode(),)).fetchone()
            row = row % 28 + 1
            os.write(1, f"\x1b[{row};1H{found[0]:<60}{found[1] / 100:>10.2f}\x1b[K".encode())


if __name__ == "__main__":
    main(sys.argv[1])
