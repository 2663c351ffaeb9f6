"""python3 -m unittest discover test/oracle"""

import json
import pathlib
import sys
import unittest
from fractions import Fraction

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from density import clauses  # noqa: E402
from generate import Generator  # noqa: E402
from oracle import METERS, milliseconds, periods_of, price_in_nanos, result_of, rounded, split, time_text  # noqa: E402


def tiers(kind, *of):
    return {
        "kind": kind,
        "tiers": [{"upTo": up, "priceNanos": price, "perUnits": "1", "feeNanos": fee} for up, price, fee in of],
    }


class Parts(unittest.TestCase):
    def test_rounds_half_away_from_zero(self):
        self.assertEqual([rounded(Fraction(n, 2)) for n in (-3, -2, -1, 0, 1, 2, 3)], [-2, -1, -1, 0, 1, 1, 2])
        self.assertEqual([rounded(Fraction(n, 3)) for n in (-2, -1, 1, 2)], [-1, 0, 0, 1])

    def test_tiers(self):
        graduated = tiers("graduated", ("10", "5", "100"), (None, "3", "50"))
        self.assertEqual([price_in_nanos(graduated, q) for q in (1, 10, 11)], [105, 150, 203])
        volume = tiers("volume", ("10", "5", "100"), (None, "3", "50"))
        self.assertEqual([price_in_nanos(volume, q) for q in (1, 10, 11)], [105, 150, 83])
        package = {"kind": "package", "priceNanos": "7", "packageUnits": "3"}
        self.assertEqual([price_in_nanos(package, q) for q in (1, 3, 4)], [7, 7, 14])

    def test_splits_by_largest_remainder_then_text_order(self):
        self.assertEqual(split(5, {"b": 1, "a": 1, "c": 1}), {"a": 2, "b": 2, "c": 1})
        self.assertEqual(split(1, {"a": 1, "b": 2}), {"a": 0, "b": 1})
        self.assertEqual(split(1, {"😀": 1, "～": 1}), {"～": 1, "😀": 0})

    def test_periods_are_cut_to_the_term_and_go_on_after_it(self):
        history = {"startsAt": "2024-01-31T23:59:59.999Z", "endsAt": "2024-03-10T00:00:00.000Z", "graceDays": 1, "periods": 5}
        self.assertEqual(
            [time_text(period["from"])[:10] + " " + time_text(period["to"])[:10] for period in periods_of(history)],
            [
                "2024-01-31 2024-02-01",
                "2024-02-01 2024-03-01",
                "2024-03-01 2024-03-10",
                "2024-03-10 2024-04-01",
                "2024-04-01 2024-05-01",
            ],
        )


class Contracts(unittest.TestCase):
    def test_worked_out_by_hand(self):
        folders = sorted((HERE.parent.parent / "docs/contracts").glob("*/history.json"))
        self.assertEqual(len(folders), 10)
        for path in folders:
            with self.subTest(path.parent.name):
                history = json.loads(path.read_text(encoding="utf-8"))
                expected = json.loads((path.parent / "invoice.json").read_text(encoding="utf-8"))
                self.assertEqual(result_of(history), expected)


class Generated(unittest.TestCase):
    histories = [Generator(f"7/{index}").history() for index in range(600)]

    def test_the_same_seed_gives_the_same(self):
        for index in range(20):
            self.assertEqual(Generator(f"7/{index}").history(), self.histories[index])

    def test_valid_by_the_page(self):
        for index, history in enumerate(self.histories):
            with self.subTest(index):
                self.valid(history)

    def valid(self, history):
        starts, ends = history["startsAt"], history["endsAt"]
        self.assertLess(starts, ends)
        self.assertTrue(1 <= history["periods"] <= 8 and len(history["events"]) <= 50)
        bounds = {time_text(edge) for p in periods_of({**history, "periods": 20}) for edge in (p["from"], p["to"])}
        instants = [version["effectiveFrom"] for version in history["versions"]]
        self.assertEqual(instants[0], starts)
        self.assertEqual(instants, sorted(set(instants)))
        self.assertLess(instants[-1], ends)
        before = {}
        for version in history["versions"]:
            terms = version["terms"]
            matches = [(rule["meter"], sorted(rule["match"].items())) for rule in terms["prices"]]
            self.assertTrue(all(match not in matches[:i] for i, match in enumerate(matches)))
            self.assertEqual(len({rule["id"] for rule in terms["prices"]}), len(terms["prices"]))
            for rule in terms["prices"]:
                uppers = [tier["upTo"] for tier in rule["price"].get("tiers", [{"upTo": None}])]
                self.assertIsNone(uppers.pop())
                uppers = [int(upper) for upper in uppers]
                self.assertEqual(uppers, sorted(set(uppers)))
            self.assertTrue(all(0 <= discount["basisPoints"] <= 10_000 for discount in terms["discounts"]))
            spans = sorted((commitment["from"], commitment["to"]) for commitment in terms["commitments"])
            self.assertTrue(all(one[1] <= two[0] for one, two in zip(spans, spans[1:])))
            for commitment in terms["commitments"]:
                self.assertTrue(commitment["from"] < commitment["to"] and {commitment["from"], commitment["to"]} <= bounds)
                self.assertGreaterEqual(commitment["overageBasisPoints"], 10_000)
                old = before.get(commitment["id"], commitment)
                self.assertEqual([old[f] for f in ("kind", "from", "to")], [commitment[f] for f in ("kind", "from", "to")])
                self.assertGreaterEqual(int(commitment["amountMinor"]), int(old["amountMinor"]))
            now = {commitment["id"]: commitment for commitment in terms["commitments"]}
            self.assertLessEqual(before.keys(), now.keys())
            before = now
        seen = {}
        for event in history["events"]:
            self.assertGreater(int(event["quantity"]), 0)
            self.assertIn(event["meter"], METERS)
            self.assertGreaterEqual(event["receivedAt"], event["at"])
            content = {**event, "receivedAt": None}
            self.assertEqual(seen.setdefault(event["id"], content), content)
        self.assertEqual(len({grant["id"] for grant in history["grants"]}), len(history["grants"]))
        for grant in history["grants"]:
            for field in ("expiresAt", "voidedAt"):
                if grant[field] is not None:
                    self.assertGreaterEqual(milliseconds(grant[field]), milliseconds(grant["effectiveAt"]))

    def test_sums(self):
        for history in self.histories:
            for invoice in result_of(history)["invoices"]:
                for line in invoice["usage"]:
                    for field in ("quantity", "amountMinor"):
                        self.assertEqual(sum(int(share[field]) for share in line["shares"]), int(line[field]))

    def test_dense(self):
        count = {}
        for history in self.histories:
            for name in clauses(history):
                count[name] = count.get(name, 0) + 1
        self.assertGreaterEqual(len(count), 90)
        for name, hits in count.items():
            self.assertGreaterEqual(hits, 2, name)


if __name__ == "__main__":
    unittest.main()
