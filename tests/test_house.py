"""The house in order: sizes, first lines, what may be imported where, and words that must not be there."""

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.house import ROOMS, ROOT, files, imported, long_functions, modules, short, tree

FIRST_PAINT = ("edge_agent/till", "edge_agent/counter", "edge_agent/journal")
HEAVY = ("apscheduler", "fastapi", "h11", "httpx", "numpy", "onnxruntime", "sqlalchemy", "sqlmodel")
SPEAKERS = {"h11", "http", "httpx", "requests", "urllib3"}


def answer(program: str) -> object:
    """What a fresh Python prints for the program, as JSON."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_file_has_more_than_400_lines() -> None:
    lengths = {short(file): len(file.read_text().splitlines()) for file in files()}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_function_has_more_than_50_lines() -> None:
    assert [found for file in files() for found in long_functions(file, 50)] == []


def test_the_first_line_of_a_file_says_in_one_sentence_what_it_is_for() -> None:
    silent = []
    for file in files():
        first = (ast.get_docstring(tree(file)) or "").split("\n\n")[0]
        if not first.endswith((".", ":")):
            silent.append(short(file))
    assert silent == []


def test_http_is_spoken_in_one_file_of_the_shop() -> None:
    speakers = {
        short(file) for file in files("edge_agent") if SPEAKERS & {name.split(".")[0] for name in imported(file)}
    }
    assert speakers <= {"edge_agent/sync/connection.py"}


def test_the_cloud_takes_only_what_is_pure_from_the_shop() -> None:
    pure = re.compile(r"edge_agent\.(errors|(wire|rules)(\..+)?|demand\.(?!child|worker|schedule).+)$")
    taken = {
        (short(file), name) for file in files("cloud_sync") for name in imported(file) if name.startswith("edge_agent")
    }
    assert {(file, name) for file, name in taken if not pure.match(name)} == set()


def test_only_the_till_draws() -> None:
    drawing = {
        short(file) for file in files("edge_agent") if any(name.split(".")[0] == "textual" for name in imported(file))
    }
    assert {name for name in drawing if not name.startswith("edge_agent/till/")} == set()


def test_what_is_needed_for_the_first_paint_loads_nothing_heavy() -> None:
    program = f"""
import importlib, json, sys
culprits = {{}}
for module in {modules(*FIRST_PAINT)!r}:
    importlib.import_module(module)
    for heavy in {HEAVY!r}:
        if heavy in sys.modules and heavy not in culprits:
            culprits[heavy] = module
print(json.dumps(culprits))
"""
    assert answer(program) == {}


def test_the_first_picture_is_drawn_before_events_and_the_journal_are_read() -> None:
    program = """
import json, sys
import edge_agent.commands.till, edge_agent.till.app
print(json.dumps([name for name in ("pydantic", "apsw", "edge_agent.wire.events") if name in sys.modules]))
"""
    assert answer(program) == []


@pytest.mark.parametrize("package", ["edge_agent.commands", "cloud_sync.commands"])
def test_the_commands_list_themselves_without_loading_what_they_run(package: str) -> None:
    heavy = (*HEAVY, "textual")
    assert (
        answer(f"import json, sys, {package}; print(json.dumps([name for name in {heavy} if name in sys.modules]))")
        == []
    )


def test_nothing_unknown_runs_when_python_starts() -> None:
    site = next(iter((ROOT / ".venv").glob("lib/python3*/site-packages")))
    runs = [
        file.name
        for file in site.glob("*.pth")
        if any(line.startswith(("import ", "import\t")) for line in file.read_text().splitlines())
    ]
    assert set(runs) <= {"_virtualenv.pth", "distutils-precedence.pth"}


FORBIDDEN = {
    "certificates are always checked": r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False",
    "times are aware": r"\butcnow\(|\butcfromtimestamp\(|datetime\.now\(\)|datetime\.today\(\)",
    "nothing is left half-built": r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
    "no path of one machine": r"/(work|home|root|Users)/\w|/tmp/\w",
    "nothing beside the project": r"\.\./sha" + "red",
}


@pytest.mark.parametrize("why", FORBIDDEN)
def test_words_that_must_not_stand_in_the_code(why: str) -> None:
    pattern = re.compile(FORBIDDEN[why])
    rooms = [room for room in ROOMS if room != "tests"]
    found = [
        f"{short(file)}:{number}"
        for file in files(*rooms)
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.(org|com)")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [
        name
        for name in listed.split("\0")
        if name.endswith((".py", ".txt", ".toml", ".md", ".in", ".html", ".js", ".css", "run"))
        and (ROOT / name).is_file()
        and hosts.search((ROOT / name).read_text())
    ]
    assert named == []


def test_the_first_picture_waits_for_no_memory_no_contract_and_no_counter() -> None:
    heavy = ["pydantic", "apsw", "cryptography", "edge_agent.journal", "edge_agent.counter", "edge_agent.sync"]
    loaded = f"[name for name in {heavy} if name in sys.modules]"
    assert answer(f"import json, sys, edge_agent.till.app; print(json.dumps({loaded}))") == []
