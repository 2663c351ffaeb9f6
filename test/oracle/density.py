"""How many of N generated histories reach each clause: generate.py --seed 1 --count 2000 | density.py"""

import json
import sys
from fractions import Fraction

import oracle
from oracle import DECIMALS, MATCH_ORDER, milliseconds, result_of


def is_half(exact):
    return Fraction(exact).denominator == 2


def clauses(history):
    """The names of the clauses of the page that a history reaches."""
    halves = []
    rounded = oracle.rounded

    def watched(exact):
        halves.append(is_half(exact))
        return rounded(exact)

    oracle.rounded = watched
    try:
        result = result_of(history)
    finally:
        oracle.rounded = rounded

    hit = set()

    def when(condition, name):
        if condition:
            hit.add(name)

    invoices = result["invoices"]
    versions = {version["number"]: version["terms"] for version in history["versions"]}
    periods = oracle.periods_of(history)
    events = oracle.events_of(history)
    rounded_in = {period["finalizedAt"] for period in periods}
    starts, ends = milliseconds(history["startsAt"]), milliseconds(history["endsAt"])

    # 0-1 units, history, periods
    when(True, f"currency {DECIMALS[history['currency']]} decimals")
    when(any(halves), "rounding: an exact half")
    when(len(history["events"]) <= 3, "tiny: at most 3 events")
    when(len(history["events"]) >= 40, "large: 40 to 50 events")
    first = oracle.month_of(starts)
    when(first[0] != starts, "term starts in mid-month")
    when(first[0] == starts, "term starts at a month's boundary")
    when(oracle.month_of(ends)[0] != ends, "term ends in mid-month")
    when(oracle.month_of(ends)[0] == ends, "term ends at a month's boundary")
    when(any(period["afterTerm"] for period in periods), "periods after the term")
    when(periods[-1]["to"] < ends, "invoices end before the term")
    bounds = {edge for period in periods for edge in (period["from"], period["to"])}
    for version in history["versions"][1:]:
        when(milliseconds(version["effectiveFrom"]) in bounds, "amendment at a period's boundary")
        when(milliseconds(version["effectiveFrom"]) not in bounds, "amendment in mid-period")

    # 2 events
    when(len(events) < len(history["events"]), "event delivered twice")
    when(result["unpriced"], "unpriced")
    when(result["outsideTerm"], "outsideTerm")
    for event in events:
        if not starts <= event["at"] < ends:
            continue
        when(event["receivedAt"] in rounded_in, "event received at a finalization")
        when(event["receivedAt"] - 1 in rounded_in, "event received 1 ms after a finalization")
        when(event["at"] in bounds, "event at a period's boundary")
        when(event["receivedAt"] > periods[-1]["finalizedAt"], "event never known")
        version = oracle.version_at(history, event["at"])
        best = oracle.rule_for(version, event)
        for rule in version["terms"]["prices"]:
            if rule is best or rule["meter"] != event["meter"]:
                continue
            if all(event[field] == value for field, value in rule["match"].items()):
                decides = next(field for field in MATCH_ORDER if (field in best["match"]) != (field in rule["match"]))
                when(True, f"rule wins by {decides}")

    # 3 lines
    for invoice in invoices:
        when(len({line["version"] for line in invoice["usage"]}) > 1, "two versions in one period")
        for line in invoice["usage"]:
            terms = versions[line["version"]]
            price = next(rule for rule in terms["prices"] if rule["id"] == line["ruleId"])["price"]
            quantity, amount = int(line["quantity"]), int(line["amountMinor"])
            kind = price["kind"]
            when(True, f"line {kind}")
            for tier in price.get("tiers", []):
                if tier["upTo"] is not None:
                    when(quantity == int(tier["upTo"]), f"line {kind}: at upTo")
                    when(quantity == int(tier["upTo"]) + 1, f"line {kind}: one beyond upTo")
            if kind == "package":
                when(quantity % int(price["packageUnits"]) == 0, "line package: full")
                when(quantity % int(price["packageUnits"]) == 1 != int(price["packageUnits"]), "line package: one beyond")
            discounts = [d["basisPoints"] for d in terms["discounts"] if d["meters"] is None or line["meter"] in d["meters"]]
            when(sum(discounts) > 0, "line discounted")
            when(sum(discounts) > 10_000, "line discounted by more than the whole")
            when(amount == 0, "line of amount 0")
            when(quantity > 2**53, "line of a quantity beyond 2^53")
            remainders = [amount * int(share["quantity"]) % quantity for share in line["shares"]]
            left = sum(remainders) // quantity
            when(len(remainders) > 1, "line split among projects")
            when(left > 0, "split: units left")
            remainders.sort(reverse=True)
            when(left > 0 and remainders[left - 1] == remainders[left], "split: equal remainders decide")

    # 4-5 minimum, adjustments
    adjusted = []
    for invoice, period in zip(invoices, periods):
        whole = period["to"] - period["from"] == oracle.month_of(period["from"])[1] - oracle.month_of(period["from"])[0]
        when(invoice["minimumMinor"] != "0", "minimum of a whole month" if whole else "minimum of a cut month")
        for adjustment in invoice["adjustments"]:
            amount = int(adjustment["amountMinor"])
            what = "minimum" if adjustment["version"] is None else "share"
            when(True, f"adjustment of a {what}, {'positive' if amount > 0 else 'negative'}")
            when(period["afterTerm"], "adjustment after the term")
            key = tuple(adjustment[field] for field in ("period", "version", "ruleId", "projectId"))
            when(key in adjusted, "adjustment of what was adjusted before")
            adjusted.append(key)
        when(len({adjustment["period"] for adjustment in invoice["adjustments"]}) > 1, "adjustments of several periods")

    # 6 credits
    grants = {grant["id"]: grant for grant in history["grants"]}
    for invoice, period in zip(invoices, periods):
        paying = []
        for credit in invoice["credits"]:
            grant, paid, balance = grants[credit["grantId"]], int(credit["paidMinor"]), int(credit["balanceMinor"])
            amount = int(grant["amountMinor"])
            when(paid > 0, f"credit {grant['recurrence']} pays")
            when(paid > 0 and period["afterTerm"], "credit pays after the term")
            when(paid > 0 and balance > 0, "credit used in part")
            when(paid > 0 and balance == 0, "credit used up")
            when(paid == 0, "credit could pay, pays nothing")
            when(grant["recurrence"] == "once" and paid > 0 and paid + balance < amount, "credit once: used over several invoices")
            when(paid + balance > amount, "credit monthly: rollover")
            when(paid + balance == amount + int(grant["rolloverMinor"]) > amount, "credit monthly: rollover at most")
            when(paid > 0 and grant["meters"] is not None, "credit for some meters pays")
            when(paid > 0 and grant["projectIds"] is not None, "credit for some projects pays")
            when(int(grant["priority"]) in [int(other["priority"]) for other in paying], "credits of equal priority")
            twins = [o for o in paying if (o["priority"], o["expiresAt"]) == (grant["priority"], grant["expiresAt"])]
            when(twins, "credits of equal priority and expiry")
            paying.append(grant)
        listed = {grant["id"] for grant in paying}
        for grant in history["grants"]:
            if grant["id"] not in listed:
                expires, voided = grant["expiresAt"], grant["voidedAt"]
                when(expires is not None and milliseconds(expires) <= period["from"], "credit expired")
                when(expires is not None and milliseconds(expires) == period["from"], "credit expires at a period's begin")
                when(voided is not None and milliseconds(voided) < period["to"], "credit voided")
                when(milliseconds(grant["effectiveAt"]) == period["to"], "credit effective at a period's end")
                when(grant["recurrence"] == "monthly" and period["afterTerm"], "credit monthly after the term")
        usage = sum(int(line["amountMinor"]) for line in invoice["usage"])
        paid = sum(int(credit["paidMinor"]) for credit in invoice["credits"])
        when(paid > usage + int(invoice["minimumMinor"]), "credit pays adjustments")
        when(paid > usage and invoice["minimumMinor"] != "0", "credit pays the minimum")

    # 7-8 commitments, due
    bought = set()
    for invoice, period in zip(invoices, periods):
        terms = oracle.version_of_period(history, period)["terms"]
        for commitment in invoice["commitments"]:
            kind = next(other["kind"] for other in terms["commitments"] if other["id"] == commitment["id"])
            when(True, f"commitment {kind}")
            when(commitment["purchaseMinor"] != "0", "commitment: purchase")
            when(commitment["purchaseMinor"] != "0" and commitment["id"] in bought, "commitment: purchase of a raise")
            if commitment["purchaseMinor"] != "0":
                bought.add(commitment["id"])
            when(commitment["drawdownMinor"] != "0", "commitment: drawdown")
            when(0 < int(commitment["drawdownMinor"]) < int(invoice["netMinor"]), "commitment: drawdown of a part")
            when(commitment["overageMinor"] != "0", f"commitment: overage {kind}")
            when(commitment["trueUpMinor"] != "0", "commitment: true-up")
        when(len(terms["commitments"]) > 1, "two commitments in a version")
        when(period["afterTerm"] and terms["commitments"], "commitment of a version after the term")
        when(int(invoice["netMinor"]) < 0, "net negative")
        when(invoice["carriedOutMinor"] != "0", "carried out")
        when(invoice["carriedInMinor"] != "0", "carried in")
        when(invoice["carriedInMinor"] != "0" and invoice["carriedOutMinor"] != "0", "carried over more than one invoice")
        when(invoice["taxMinor"] != "0", "tax")
        tax = Fraction(max(0, int(invoice["subtotalMinor"])) * terms["taxBasisPoints"], 10_000)
        when(is_half(tax), "tax: an exact half")
    return hit


def main():
    count, total = {}, 0
    for line in sys.stdin:
        total += 1
        for name in clauses(json.loads(line)):
            count[name] = count.get(name, 0) + 1
    for name, hits in sorted(count.items(), key=lambda item: item[1]):
        print(f"{hits:6} of {total}  {name}")


if __name__ == "__main__":
    main()
