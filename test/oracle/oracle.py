"""Invoices of contract histories, straight from docs/guides/how-an-invoice-is-made.md.

Reads one history a line (NDJSON) on stdin, writes one result a line on stdout. The sections are the page's; clarity goes before speed.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache

# --- Units ---

DECIMALS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
METERS = [
    "training_tokens",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "evaluation_tokens",
    "gpu_seconds",
    "stored_byte_hours",
]
DAY = 86_400_000  # all times are milliseconds since 1970
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@lru_cache(maxsize=10_000)
def milliseconds(text):
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=10_000)
def time_text(ms):
    return (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rounded(exact):
    """Half away from zero."""
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return size if exact >= 0 else -size


@lru_cache(maxsize=10_000)
def month_of(ms):
    """The calendar month around an instant: [first, next first)."""
    when = EPOCH + timedelta(milliseconds=ms)
    first = datetime(when.year, when.month, 1, tzinfo=timezone.utc)
    following = datetime(when.year + when.month // 12, when.month % 12 + 1, 1, tzinfo=timezone.utc)
    return (first - EPOCH) // timedelta(milliseconds=1), (following - EPOCH) // timedelta(milliseconds=1)


# --- 1 · Periods ---


def periods_of(history):
    starts, ends = milliseconds(history["startsAt"]), milliseconds(history["endsAt"])
    periods = []
    begin = starts
    for number in range(1, history["periods"] + 1):
        end = month_of(begin)[1]
        if begin < ends:
            end = min(end, ends)
        periods.append({
            "number": number,
            "from": begin,
            "to": end,
            "afterTerm": begin >= ends,
            "finalizedAt": end + history["graceDays"] * DAY,
        })
        begin = end
    return periods


def version_at(history, instant):
    found = None
    for version in history["versions"]:
        if milliseconds(version["effectiveFrom"]) <= instant:
            found = version
    return found


def version_of_period(history, period):
    if period["afterTerm"]:
        return history["versions"][-1]
    return version_at(history, period["to"] - 1)


# --- 2 · Events ---

MATCH_ORDER = ["projectId", "listingId", "checkpointId", "familyId", "method"]


def events_of(history):
    """One event for each id, with the instant at which it was first received."""
    events = {}
    for event in history["events"]:
        received = milliseconds(event["receivedAt"])
        if event["id"] not in events:
            events[event["id"]] = {**event, "at": milliseconds(event["at"]), "receivedAt": received}
        elif received < events[event["id"]]["receivedAt"]:
            events[event["id"]]["receivedAt"] = received
    return list(events.values())


def rule_for(version, event):
    candidates = [
        rule
        for rule in version["terms"]["prices"]
        if rule["meter"] == event["meter"] and all(event[field] == value for field, value in rule["match"].items())
    ]
    # Of two rules that wins which names the first field that the other does not.
    return max(candidates, key=lambda rule: [field in rule["match"] for field in MATCH_ORDER], default=None)


# --- 3 · Usage lines ---


def price_in_nanos(price, quantity):
    if price["kind"] == "flat":
        return Fraction(quantity * int(price["priceNanos"]), int(price["perUnits"]))

    if price["kind"] == "package":
        packages = -(-quantity // int(price["packageUnits"]))
        return Fraction(packages * int(price["priceNanos"]))

    if price["kind"] == "volume":
        for tier in price["tiers"]:
            if tier["upTo"] is None or quantity <= int(tier["upTo"]):
                return Fraction(quantity * int(tier["priceNanos"]), int(tier["perUnits"])) + int(tier["feeNanos"])

    if price["kind"] == "graduated":
        total = Fraction(0)
        lower = 0
        for tier in price["tiers"]:
            upper = quantity if tier["upTo"] is None else min(quantity, int(tier["upTo"]))
            units = upper - lower
            if units > 0:
                total += Fraction(units * int(tier["priceNanos"]), int(tier["perUnits"])) + int(tier["feeNanos"])
                lower = upper
        return total

    raise ValueError(f"no such price: {price}")


def split(amount, quantities):
    """Shares of an amount for each project, in proportion to quantities, by largest remainder."""
    total = sum(quantities.values())
    projects = sorted(quantities)
    shares = {project: amount * quantities[project] // total for project in projects}
    by_remainder = sorted(projects, key=lambda project: (-(amount * quantities[project] % total), project))
    for project in by_remainder[: amount - sum(shares.values())]:
        shares[project] += 1
    return shares


def usage_lines(history, events):
    """The lines of the events of one period; each event has its version and rule already."""
    groups = {}
    for event in events:
        if event["rule"] is not None:
            groups.setdefault((event["version"]["number"], event["rule"]["id"]), []).append(event)

    lines = []
    for group in groups.values():
        version, rule = group[0]["version"], group[0]["rule"]
        quantities = {}
        for event in group:
            quantities[event["projectId"]] = quantities.get(event["projectId"], 0) + int(event["quantity"])
        quantity = sum(quantities.values())

        discount = sum(
            int(discount["basisPoints"])
            for discount in version["terms"]["discounts"]
            if discount["meters"] is None or rule["meter"] in discount["meters"]
        )
        minor_less_discount = Fraction(10 ** DECIMALS[history["currency"]] * (10_000 - min(discount, 10_000)), 10**9 * 10_000)
        amount = rounded(price_in_nanos(rule["price"], quantity) * minor_less_discount)

        shares = split(amount, quantities)
        lines.append({
            "version": version["number"],
            "meter": rule["meter"],
            "ruleId": rule["id"],
            "quantity": quantity,
            "amount": amount,
            "shares": [(project, quantities[project], shares[project]) for project in sorted(shares)],
        })
    return sorted(lines, key=line_order)


def line_order(line):
    return (line["version"], METERS.index(line["meter"]), line["ruleId"])


# --- 4 · The minimum ---


def minimum_line(history, period, lines):
    if period["afterTerm"]:
        return 0
    whole = int(version_of_period(history, period)["terms"]["minimumMinor"])
    first, following = month_of(period["from"])
    minimum = rounded(Fraction(whole * (period["to"] - period["from"]), following - first))
    return max(0, minimum - sum(line["amount"] for line in lines))


# --- 5 · Adjustments ---


def charges_of(lines, minimum):
    """The shares of a period and its minimum, in order, as (version, meter, ruleId, projectId) -> amount."""
    charges = {}
    for line in lines:
        for project, _, amount in line["shares"]:
            charges[line["version"], line["meter"], line["ruleId"], project] = amount
    charges[None, None, None, None] = minimum
    return charges


def charge_order(key):
    version, meter, rule_id, project = key
    if version is None:
        return (1,)
    return (0, version, METERS.index(meter), rule_id, project)


def adjustments_of(period, old, new):
    adjustments = []
    for key in sorted(old.keys() | new.keys(), key=charge_order):
        difference = new.get(key, 0) - old.get(key, 0)
        if difference != 0:
            adjustments.append({"period": period["number"], "key": key, "amount": difference})
    return adjustments


# --- 6 · Charges and credits ---


def can_pay(grant, period):
    return (
        not (grant["recurrence"] == "monthly" and period["afterTerm"])
        and milliseconds(grant["effectiveAt"]) < period["to"]
        and (grant["expiresAt"] is None or milliseconds(grant["expiresAt"]) > period["from"])
        and (grant["voidedAt"] is None or milliseconds(grant["voidedAt"]) >= period["to"])
    )


def grant_order(grant):
    never = grant["expiresAt"] is None
    return (int(grant["priority"]), never, 0 if never else milliseconds(grant["expiresAt"]), grant["id"])


def applies(grant, key):
    _, meter, _, project = key
    if meter is None:  # the minimum
        return grant["meters"] is None and grant["projectIds"] is None
    return (grant["meters"] is None or meter in grant["meters"]) and (
        grant["projectIds"] is None or project in grant["projectIds"]
    )


def pay_by_credit(history, period, charges, left):
    """Credits of one invoice. `charges` are (key, amount); `left` is, by grant, what the period before left of it."""
    open_charges = [[key, amount] for key, amount in charges if amount > 0]
    credits = []
    for grant in sorted(history["grants"], key=grant_order):
        if not can_pay(grant, period):
            left.pop(grant["id"], None)
            continue
        if grant["recurrence"] == "monthly":
            balance = int(grant["amountMinor"]) + min(left.get(grant["id"], 0), int(grant["rolloverMinor"]))
        else:
            balance = left.get(grant["id"], int(grant["amountMinor"]))
        paid = 0
        for charge in open_charges:
            if applies(grant, charge[0]):
                part = min(charge[1], balance - paid)
                charge[1] -= part
                paid += part
        left[grant["id"]] = balance - paid
        credits.append({"grantId": grant["id"], "paid": paid, "balance": balance - paid})
    return credits


# --- 7 · Commitments ---


def commitments_of(version, period, net, billed, consumed):
    result = []
    for commitment in version["terms"]["commitments"]:
        active = milliseconds(commitment["from"]) <= period["from"] < milliseconds(commitment["to"])
        if period["afterTerm"] or not active:
            continue
        identity, amount = commitment["id"], int(commitment["amountMinor"])
        prepaid = commitment["kind"] == "prepaid"

        purchase = 0
        if prepaid:
            purchase = max(0, amount - billed.get(identity, 0))
            billed[identity] = billed.get(identity, 0) + purchase

        charged = max(net, 0)
        before = consumed.get(identity, 0)
        after = before + charged
        consumed[identity] = after

        drawdown = min(charged, max(0, amount - before)) if prepaid else 0

        over = max(0, after - max(amount, before))
        overage = rounded(Fraction(over * (int(commitment["overageBasisPoints"]) - 10_000), 10_000))

        true_up = 0
        if not prepaid and period["to"] == milliseconds(commitment["to"]):
            true_up = max(0, amount - after)

        result.append({
            "id": identity,
            "purchase": purchase,
            "consumed": after,
            "drawdown": drawdown,
            "overage": overage,
            "trueUp": true_up,
        })
    return result


# --- The result ---


def result_of(history):
    starts, ends = milliseconds(history["startsAt"]), milliseconds(history["endsAt"])
    periods = periods_of(history)
    events = events_of(history)
    for event in events:
        event["inTerm"] = starts <= event["at"] < ends
        if event["inTerm"]:
            event["version"] = version_at(history, event["at"])
            event["rule"] = rule_for(event["version"], event)

    events_in = {
        period["number"]: [event for event in events if event["inTerm"] and period["from"] <= event["at"] < period["to"]]
        for period in periods
    }

    received_in = {number: [event["receivedAt"] for event in inside] for number, inside in events_in.items()}

    def events_known(period, invoice):
        """The events of a period that are known to the invoice of a period."""
        return [event for event in events_in[period["number"]] if event["receivedAt"] <= invoice["finalizedAt"]]

    invoices = []
    left = {}  # of each grant
    billed, consumed = {}, {}  # of each commitment
    carried = 0
    charges_then = {}  # of each earlier period: its charges, as known to the invoice before
    for period in periods:
        version = version_of_period(history, period)

        lines = usage_lines(history, events_known(period, period))
        minimum = minimum_line(history, period, lines)

        adjustments = []
        for earlier in periods[: period["number"] - 1]:
            before = periods[period["number"] - 2]
            if not any(before["finalizedAt"] < received <= period["finalizedAt"] for received in received_in[earlier["number"]]):
                continue  # nothing new is known of it, so nothing differs
            lines_now = usage_lines(history, events_known(earlier, period))
            charges_now = charges_of(lines_now, minimum_line(history, earlier, lines_now))
            adjustments += adjustments_of(earlier, charges_then[earlier["number"]], charges_now)
            charges_then[earlier["number"]] = charges_now
        charges_then[period["number"]] = charges_of(lines, minimum)

        charges = list(charges_then[period["number"]].items())
        charges += [(adjustment["key"], adjustment["amount"]) for adjustment in adjustments]
        credits = pay_by_credit(history, period, charges, left)
        net = sum(amount for _, amount in charges) - sum(credit["paid"] for credit in credits)

        commitments = commitments_of(version, period, net, billed, consumed)

        # --- 8 · What is due ---
        subtotal = net + carried
        for commitment in commitments:
            subtotal += commitment["purchase"] - commitment["drawdown"] + commitment["overage"] + commitment["trueUp"]
        carried_in, carried = carried, min(subtotal, 0)
        tax = rounded(Fraction(max(subtotal, 0) * int(version["terms"]["taxBasisPoints"]), 10_000))

        invoices.append({
            "number": period["number"],
            "from": time_text(period["from"]),
            "to": time_text(period["to"]),
            "finalizedAt": time_text(period["finalizedAt"]),
            "usage": [
                {
                    "version": line["version"],
                    "meter": line["meter"],
                    "ruleId": line["ruleId"],
                    "quantity": str(line["quantity"]),
                    "amountMinor": str(line["amount"]),
                    "shares": [
                        {"projectId": project, "quantity": str(quantity), "amountMinor": str(amount)}
                        for project, quantity, amount in line["shares"]
                    ],
                }
                for line in lines
            ],
            "minimumMinor": str(minimum),
            "adjustments": [
                {
                    "period": adjustment["period"],
                    **dict(zip(("version", "meter", "ruleId", "projectId"), adjustment["key"])),
                    "amountMinor": str(adjustment["amount"]),
                }
                for adjustment in adjustments
            ],
            "credits": [
                {
                    "grantId": credit["grantId"],
                    "paidMinor": str(credit["paid"]),
                    "balanceMinor": str(credit["balance"]),
                }
                for credit in credits
            ],
            "commitments": [
                {
                    "id": commitment["id"],
                    "purchaseMinor": str(commitment["purchase"]),
                    "consumedMinor": str(commitment["consumed"]),
                    "drawdownMinor": str(commitment["drawdown"]),
                    "overageMinor": str(commitment["overage"]),
                    "trueUpMinor": str(commitment["trueUp"]),
                }
                for commitment in commitments
            ],
            "netMinor": str(net),
            "carriedInMinor": str(carried_in),
            "subtotalMinor": str(subtotal),
            "taxMinor": str(tax),
            "dueMinor": str(max(subtotal, 0) + tax),
            "carriedOutMinor": str(carried),
        })

    known = [event for event in events if event["receivedAt"] <= periods[-1]["finalizedAt"]]
    return {
        "invoices": invoices,
        "unpriced": sorted(event["id"] for event in known if event["inTerm"] and event["rule"] is None),
        "outsideTerm": sorted(event["id"] for event in known if not event["inTerm"]),
    }


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        if line.strip():
            result = result_of(json.loads(line))
            print(json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


if __name__ == "__main__":
    main()
