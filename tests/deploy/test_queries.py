"""What `guerdon export` writes, read by DuckDB with the queries that are for Athena too."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUERDON = os.environ.get("GUERDON_BIN", str(ROOT / "target/debug/guerdon"))
QUERIES = ROOT / "infra/queries"
PORT = 8917
PARTS = ["available", "pending", "held", "debt"]


def total(balance):
    return balance["available"] + balance["pending"] + balance["held"] - balance["debt"]


class Stack:
    """The local stack with a data folder, while it runs."""

    def __init__(self, folder):
        self.log = folder / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [GUERDON, "--port", str(PORT), "--data", str(folder / "data")],
                stdout=log, stderr=log,
            )

    def __enter__(self):
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text()
            if "/balance" in self.log.read_text():
                return self
            time.sleep(0.5)
        raise AssertionError(self.log.read_text())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def balance(self, member, at):
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/v1/house/members/{member}/balance?at={at}",
            headers={"authorization": "Bearer gk_local_shop"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def connected(export):
    connection = duckdb.connect()
    connection.execute(f"SET VARIABLE export = '{export['folder']}'")
    connection.execute((QUERIES / "duckdb.sql").read_text())
    return connection


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The demo shop: its export, and what the API says of every member at their newest row."""
    folder = tmp_path_factory.mktemp("shop")
    with Stack(folder):
        pass
    done = subprocess.run(
        [GUERDON, "export", str(folder / "out"), "--data", str(folder / "data"), "--json"],
        check=True, capture_output=True, text=True,
    )
    export = json.loads(done.stdout)
    newest = connected(export).execute(
        "SELECT member, strftime(max(recorded_at), '%Y-%m-%dT%H:%M:%S.%gZ') FROM ledger GROUP BY 1"
    )
    with Stack(folder) as stack:
        balances = {member: stack.balance(member, at) for member, at in newest.fetchall()}
    assert len(balances) == 300
    return export, balances


@pytest.fixture(scope="module")
def query(shop):
    export, _ = shop
    connection = connected(export)

    def named(name):
        found = connection.execute((QUERIES / f"{name}.sql").read_text())
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row)) for row in found.fetchall()]

    return named


def test_the_manifest_counts_every_row(shop, query):
    export, _ = shop
    folder = Path(export["folder"])
    summary = json.loads((folder / "manifest-summary.json").read_text())
    files = [json.loads(line) for line in (folder / "manifest-files.json").read_text().splitlines()]
    assert summary["itemCount"] == export["rows"] == sum(file["itemCount"] for file in files)
    assert export["rows"] > 3_000
    for file in files:
        assert (folder.parents[1] / file["dataFileS3Key"]).is_file()


def test_every_balance_can_be_recomputed(shop, query):
    _, balances = shop
    found = {row["member"]: row for row in query("balances")}
    assert set(found) == set(balances)
    assert not any(row["differs"] for row in found.values())
    for member, balance in balances.items():
        assert found[member]["balance"] == total(balance), member
        for part in PARTS:
            assert found[member][part] == balance[part], (member, part)


def test_the_liability_ends_with_what_members_hold(shop, query):
    _, balances = shop
    months = query("liability")
    assert len(months) >= 18
    last = months[-1]
    for part in PARTS:
        assert last[part] == sum(balance[part] for balance in balances.values()), part
    assert last["balance"] == sum(total(balance) for balance in balances.values())


def test_cohorts_hold_everybody_and_every_point(shop, query):
    _, balances = shop
    cohorts = query("cohorts")
    moved = sum(row["gained"] - row["lost"] for row in cohorts)
    assert moved == sum(total(balance) for balance in balances.values())
    assert all(row["months_later"] >= 0 for row in cohorts)
    assert sum(row["ordering"] for row in cohorts) > len(balances)
