"""Random contract histories, valid by docs/guides/how-an-invoice-is-made.md, dense in edges: generate.py --seed S --count N

The same seed and count give the same bytes; history i of a seed does not depend on the count.
"""

import argparse
import json
import random
import sys
from fractions import Fraction

from oracle import DAY, DECIMALS, METERS, events_of, milliseconds, month_of, periods_of, result_of, rule_for, time_text, version_at

# In UTF-16 "😀" sorts before "～", by code points after it.
PROJECTS = ["p-1", "p-10", "p-2", "P-2", "é", "～", "😀"]
LISTINGS = ["l-1", "l-2"]
CHECKPOINTS = ["c-1", "c-2", "c-3"]
FAMILIES = ["f-1", "f-2"]
METHODS = ["lora", "full"]
MATCH = {
    "projectId": PROJECTS,
    "listingId": LISTINGS,
    "checkpointId": CHECKPOINTS,
    "familyId": FAMILIES,
    "method": METHODS,
}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    # --- small choices ---

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, options):
        return self.random.choice(options)

    def between(self, low, high):
        return self.random.randint(low, high)

    def some(self, options, most):
        return self.random.sample(options, min(self.between(1, most), len(options)))

    def near(self, instant):
        """An instant, or a millisecond beside it."""
        return instant + self.pick([0, 0, -1, 1])

    def inside(self, begin, end):
        """An instant of [begin, end): its edges, midnights, or any."""
        kind = self.between(0, 5)
        if kind == 0:
            return begin
        if kind == 1:
            return end - 1
        instant = self.between(begin, end - 1)
        if kind <= 3:
            instant = max(begin, instant // DAY * DAY)
        return instant

    # --- the contract ---

    def history(self):
        self.tiny = self.chance(0.15)
        self.late = self.pick([0, 0.2, 0.5])  # how many events come late
        self.falling = self.chance(0.3)  # late events make volume cheaper, and little else is charged
        if self.falling:
            self.late = self.pick([0.4, 0.6])
        history = {"currency": self.pick(list(DECIMALS))}
        self.minor = 10 ** (9 - DECIMALS[history["currency"]])  # nanos
        self.term(history)
        self.pools()
        self.versions(history)
        history["events"] = self.events(history)
        history["grants"] = self.grants(history)
        if self.falling or self.chance(0.5):
            self.to_tier_edges(history)
        if self.chance(0.35):
            self.to_amount_edges(history)
        return history

    def term(self, history):
        begin = month_of(milliseconds("2023-01-01T00:00:00.000Z") + self.between(0, 36) * 30 * DAY)[0]
        months = self.pick([1, 1, 2]) if self.tiny else self.pick([1, 2, 3, 3, 4, 5, 6])
        last = begin
        for _ in range(months - 1):
            last = month_of(last)[1]
        starts = begin
        if self.chance(0.55):
            starts = self.inside(begin, month_of(begin)[1])
        elif self.chance(0.1):
            starts = begin + 1
        ends = month_of(last)[1]
        if self.chance(0.55):
            ends = max(starts + 1, self.inside(last, month_of(last)[1]))
        elif self.chance(0.1):
            ends = ends + self.pick([-1, 1])
        ends = max(ends, starts + 1)
        history.update({"startsAt": time_text(starts), "endsAt": time_text(ends)})
        history["graceDays"] = self.pick([0, 1, 2, 3, 5, 10, 31, 45])

        history["periods"] = 8
        in_term = sum(not period["afterTerm"] for period in periods_of({**history, "periods": 10}))
        history["periods"] = min(8, max(1, in_term + self.pick([1, 2, 3] if self.falling else [-1, 0, 0, 0, 1, 1, 2, 3])))
        self.starts, self.ends = starts, ends
        self.in_term = [period for period in periods_of({**history, "periods": in_term})]
        self.invoiced = periods_of(history)

    def pools(self):
        """Few of everything, so that lines hold several events."""
        self.meters = self.some(METERS, 1 if self.tiny or self.falling else 3)
        self.pool = {field: self.some(values, 3) for field, values in MATCH.items()}
        self.huge = self.chance(0.03)

    def versions(self, history):
        instants = [self.starts]
        for _ in range(self.pick([0, 0, 1]) if self.tiny else self.pick([0, 1, 1, 2])):
            period = self.pick(self.in_term)
            instants.append(self.near(self.pick([period["from"], period["to"], self.inside(period["from"], period["to"])])))
        instants = sorted({instant for instant in instants if self.starts <= instant < self.ends})

        history["versions"] = []
        terms = None
        for number, instant in enumerate(instants, 1):
            terms = self.terms(terms)
            history["versions"].append({"number": number, "effectiveFrom": time_text(instant), "terms": terms})

    def terms(self, before):
        if before is None:
            prices, discounts = self.prices(), self.discounts()
        else:
            prices = before["prices"] if self.chance(0.3) else self.prices()
            discounts = before["discounts"] if self.chance(0.4) else self.discounts()
        return {
            "prices": prices,
            "discounts": discounts,
            "minimumMinor": str(self.minimum()),
            "commitments": self.commitments(before),
            "taxBasisPoints": self.pick([0, 0, 500, 750, 1000, 1900, 2000, 2500, self.between(1, 10_000)]),
        }

    def minimum(self):
        if self.falling:
            return self.pick([0, 0, 0, self.between(1, 60), self.between(1, 2000)])
        return self.pick([0, 0, self.between(1, 60), self.between(1, 3000), self.between(1, 100_000)])

    # --- prices ---

    def prices(self):
        rules = []
        for meter in self.meters:
            matches = []
            if self.chance(0.85):
                matches.append({})
            for _ in range(self.pick([0, 0, 1, 1, 2, 3, 5])):
                fields = [field for field in MATCH if self.chance(0.35)]
                matches.append({field: self.pick(self.pool[field]) for field in fields})
            for index, match in enumerate(matches):
                if match not in matches[:index]:
                    rules.append({"meter": meter, "match": match})
        # Ids whose text order is neither the order of the list nor that of numbers.
        numbers = self.random.sample(range(1, 3 + 4 * len(rules)), len(rules))
        for rule, number in zip(rules, numbers):
            rule["id"] = f"{self.pick(['r', 'r', 'R', '～', '😀'])}{number}"
            rule["price"] = self.price()
        self.random.shuffle(rules)
        return rules

    def rate(self):
        """A price for some units; often such that one more or less unit is half a minor unit."""
        kind = self.between(0, 5)
        if kind <= 2:
            return {"priceNanos": str(self.minor // 2 * self.between(0, 9)), "perUnits": str(self.pick([1, 1, 2, 5]))}
        if kind == 3:
            return {"priceNanos": str(self.minor * self.between(1, 400)), "perUnits": str(self.pick([3, 7, 10, 100]))}
        if kind == 4:
            return {"priceNanos": str(self.between(1, self.minor)), "perUnits": "1"}
        return {"priceNanos": str(self.minor * self.between(1, 10**6)), "perUnits": str(self.pick([3600, 10**6, 730 * 10**9]))}

    def fee(self):
        return str(self.pick([0, 0, self.minor, self.minor // 2, self.minor * self.between(1, 100), self.between(1, self.minor)]))

    def tiers(self):
        bounds = sorted(self.random.sample(range(1, 40), self.pick([0, 1, 1, 2, 2, 3])))
        scale = self.pick([1, 1, 1, 10])
        rates = [self.rate() for _ in range(len(bounds) + 1)]
        fees = [self.fee() for _ in rates]
        if self.falling or self.chance(0.3):
            rates.sort(key=lambda rate: Fraction(int(rate["priceNanos"]), int(rate["perUnits"])), reverse=True)
            fees.sort(key=int, reverse=True)
        return [
            {"upTo": None if bound is None else str(bound * scale), **rate, "feeNanos": fee}
            for bound, rate, fee in zip([*bounds, None], rates, fees)
        ]

    def price(self):
        kind = self.pick(["flat", "graduated", "graduated", "volume", "volume", "package"])
        if self.falling and self.chance(0.8):
            kind = "volume"
        if kind == "flat":
            return {"kind": kind, **self.rate()}
        if kind == "package":
            units = self.pick([1, 2, 3, 10, 10, 100])
            nanos = self.pick([self.minor // 2 * self.between(0, 99), self.minor * self.between(1, 500), self.between(1, self.minor)])
            return {"kind": kind, "priceNanos": str(nanos), "packageUnits": str(units)}
        return {"kind": kind, "tiers": self.tiers()}

    def discounts(self):
        return [
            {
                "id": f"d{number}",
                "basisPoints": self.pick([0, 1000, 2500, 3333, 5000, 5000, 6000, 10_000, self.between(0, 10_000)]),
                "meters": None if self.chance(0.5) else self.some(self.meters if self.chance(0.7) else METERS, 3),
            }
            for number in range(1, 1 + self.pick([0, 0, 0, 1, 1, 2, 3]))
        ]

    # --- commitments ---

    def commitments(self, before):
        kept = []
        for commitment in before["commitments"] if before else []:
            changed = dict(commitment)
            if self.chance(0.6):
                changed["amountMinor"] = str(int(commitment["amountMinor"]) + self.between(1, 400))
            if self.chance(0.2):
                changed["overageBasisPoints"] = self.overage()
            kept.append(changed)
        if self.chance(0.65 if before is None else 0.3):
            bounds = [self.in_term[0]["from"], *(period["to"] for period in self.in_term)]
            for _ in range(self.pick([1, 1, 3])):
                begin, end = sorted(self.random.sample(bounds, 2))
                if self.chance(0.25):
                    begin, end = bounds[0], bounds[-1]
                if all(end <= milliseconds(other["from"]) or milliseconds(other["to"]) <= begin for other in kept):
                    self.commitment_number += 1
                    kept.append({
                        "id": f"k{self.commitment_number}",
                        "kind": self.pick(["prepaid", "prepaid", "prepaid", "postpaid", "postpaid"]),
                        "amountMinor": str(self.pick([0, self.between(1, 100), self.between(1, 1000), self.between(1, 20_000)])),
                        "from": time_text(begin),
                        "to": time_text(end),
                        "overageBasisPoints": self.overage(),
                    })
        return kept

    commitment_number = 0

    def overage(self):
        return self.pick([10_000, 11_000, 12_500, 15_000, 15_000, 15_001, 20_000, self.between(10_000, 30_000)])

    # --- events ---

    def events(self, history):
        count = self.between(0, 3) if self.tiny else self.pick([self.between(3, 15), self.between(3, 50), self.between(30, 50)])
        at_edges = [history_edge for period in self.in_term for history_edge in (period["from"], period["to"])]
        at_edges += [milliseconds(version["effectiveFrom"]) for version in history["versions"]]
        ids = self.random.sample(range(1, 200), count)
        focus = self.pick(self.in_term)  # a period with many events
        focused = 0.9 if self.falling else 0.4
        events = []
        while len(events) < count:
            if events and self.chance(0.06):
                again = self.pick(events)
                received = milliseconds(again["receivedAt"]) + self.pick([0, 1, DAY, self.between(0, 90 * DAY)])
                events.append({**again, "receivedAt": time_text(received)})
                continue
            kind = self.random.random()
            period = focus if self.chance(focused) else self.pick(self.in_term)
            if kind < 0.2:
                at = self.near(self.pick(at_edges))
            elif kind < 0.23:
                at = self.pick([self.starts - 1, self.starts - DAY, self.ends, self.ends + 1, self.ends + 40 * DAY])
            else:
                at = self.inside(period["from"], period["to"])
            # What is of no model, such as stored files, has neither.
            of_model = self.chance(0.95)
            events.append({
                "id": f"{self.pick(['e', 'e', 'e', 'E', '～', '😀'])}{ids[len(events)]}",
                "at": time_text(at),
                "receivedAt": time_text(self.received(at)),
                "meter": self.pick(self.meters if self.chance(0.97) else METERS),
                "quantity": str(self.quantity()),
                "projectId": self.pick(self.pool["projectId"]),
                "familyId": self.pick(self.pool["familyId"]) if of_model else None,
                "checkpointId": self.pick(self.pool["checkpointId"]) if of_model else None,
                "listingId": self.pick([None, *self.pool["listingId"]]),
                "method": self.pick([None, *self.pool["method"]]),
            })
        self.random.shuffle(events)
        return events

    def received(self, at):
        if not self.chance(max(self.late, 0.05)):
            return at + self.pick([0, 1, 250, 60_000])
        kind = self.between(0, 9)
        if kind <= 5:  # by the instant at which an invoice is finalized
            own = [period for period in self.invoiced if period["to"] > at] or self.invoiced[-1:]
            finalized = self.pick(own[:3])["finalizedAt"]
            return max(at, finalized + self.pick([0, 0, 1, 1, -1, DAY]))
        if kind <= 8:
            return at + self.between(0, 75 * DAY)
        return max(at, self.ends) + self.between(0, 100 * DAY)

    def quantity(self):
        if self.huge:
            return self.between(2**53, 10**18)
        return self.pick([1, 1, 2, 3, self.between(1, 12), self.between(1, 40), self.between(1, 400), self.between(1, 10**7) if self.chance(0.1) else 10])

    def to_tier_edges(self, history):
        """Change an event of some lines so that the line's quantity is a tier's or package's edge, or one beyond."""
        groups = {}
        for event in events_of(history):
            if self.starts <= event["at"] < self.ends:
                version = version_at(history, event["at"])
                rule = rule_for(version, event)
                if rule is not None and rule["price"]["kind"] != "flat":
                    key = (month_of(event["at"])[0], version["number"], rule["id"])
                    groups.setdefault(key, (rule["price"], []))[1].append(event)
        for price, events in groups.values():
            if self.chance(0.5):
                continue
            if price["kind"] == "package":
                edges = [int(price["packageUnits"]) * self.between(1, 20)]
            else:
                edges = [int(tier["upTo"]) for tier in price["tiers"] if tier["upTo"] is not None]
            if not edges:
                continue
            last = self.pick(events)
            quantity = self.pick(edges) + self.pick([0, 0, 1]) - sum(int(event["quantity"]) for event in events if event is not last)
            if quantity > 0:
                for event in history["events"]:
                    if event["id"] == last["id"]:
                        event["quantity"] = str(quantity)

    def to_amount_edges(self, history):
        """Change minimums and commitments so that what is used is just as much, or nearly."""
        invoices = result_of(history)["invoices"]
        used = [sum(int(line["amountMinor"]) for line in invoice["usage"]) for invoice in invoices]
        if self.chance(0.7) and any(used):
            minimum = max(0, self.pick([amount for amount in used if amount]) + self.pick([0, 0, -1, 1, self.between(-20, 20)]))
            for version in history["versions"]:
                if self.chance(0.8):
                    version["terms"]["minimumMinor"] = str(minimum)
        if self.chance(0.7):
            shifts = {}  # the same for all versions of a commitment: raises stay raises
            for version in history["versions"]:
                for commitment in version["terms"]["commitments"]:
                    identity, amount = commitment["id"], int(commitment["amountMinor"])
                    consumed = [
                        int(state["consumedMinor"])
                        for invoice in invoices
                        for state in invoice["commitments"]
                        if state["id"] == identity
                    ]
                    if identity not in shifts and consumed:
                        shifts[identity] = max(0, self.pick(consumed) + self.pick([0, 0, -1, 1])) - amount
                    if identity in shifts:
                        commitment["amountMinor"] = str(amount + shifts[identity])

    # --- credits ---

    def grants(self, history):
        grants = []
        count = self.pick([0, 0, 1]) if self.tiny else self.pick([0, 0, 1, 2, 3, 4, 5])
        for number in self.random.sample(range(1, 30), count):
            edges = [edge for period in self.invoiced for edge in (period["from"], period["to"])]
            effective = self.pick([
                self.starts - DAY,
                self.starts,
                self.near(self.pick(edges)),
                self.inside(self.starts, self.ends),
            ])
            expires = voided = None
            if self.chance(0.5):
                later = [edge for edge in edges if edge > effective + 1] or [effective + 2]
                expires = self.pick([self.near(self.pick(later)), self.near(self.pick(later)), effective + self.between(1, 120 * DAY)])
            if self.chance(0.25):
                later = [edge for edge in edges if edge > effective + 1] or [effective + 2]
                voided = self.pick([self.near(self.pick(later)), effective + self.between(0, 120 * DAY)])
            amount = self.pick([self.between(1, 20), self.between(1, 200), self.between(1, 2000), self.between(1, 50_000)])
            monthly = self.chance(0.5)
            pool = self.pool["projectId"]
            grants.append({
                "id": f"{self.pick(['g', 'g', 'G', '～', '😀'])}{number}",
                "amountMinor": str(amount),
                "effectiveAt": time_text(effective),
                "expiresAt": None if expires is None else time_text(expires),
                "voidedAt": None if voided is None else time_text(voided),
                "priority": self.pick([0, 0, 1, 1, 2, 10]),
                "recurrence": "monthly" if monthly else "once",
                "rolloverMinor": str(self.pick([0, amount // 2, amount, self.between(0, 2 * amount)]) if monthly else 0),
                "meters": None if self.chance(0.6) else self.some(self.meters, 2),
                "projectIds": None if self.chance(0.7) else self.some(pool, 2),
            })
        return grants


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, required=True)
    arguments.add_argument("--count", type=int, required=True)
    chosen = arguments.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    for index in range(chosen.count):
        history = Generator(f"{chosen.seed}/{index}").history()
        print(json.dumps(history, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
