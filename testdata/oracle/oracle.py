#!/usr/bin/env python3
"""A made-up provider's months, and the truth about them.

  oracle.py make DIR --seed N [--zone Europe/Amsterdam] [--month 2026-10] [--size 8] [--months 2] [--gap ldif] [--tools DIR]
  oracle.py check DIR [MONTH]

make writes exports in the form that splameter reads, with truth.json (of the
first month), truth-MONTH.json and people.json, all kept by the simulation and
counted day by day, person by person, by truth.py, which shares nothing with
the program. The same seed writes the same bytes. check holds the statements
under DIR/out against them. Python's standard library only."""
import argparse, datetime as dt, glob, json, os, random, re, sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import estate, files, tables, truth, world  # noqa: E402


def make(args):
    month = tuple(int(x) for x in args.month.split("-")) if args.month else None
    w = world.World(args.seed, zone=args.zone, month=month, size=args.size, months=args.months, gap=args.gap)
    r = w.r
    e = estate.Estate(w)
    rules = tables.rules(r)
    exclusions = tables.exclusions(w, r)
    prices = tables.prices(rules, r)
    read_on(w, r)
    os.makedirs(args.dir, exist_ok=True)
    files.write(args.dir, w, e, args.tools)
    tables.write(args.dir, w, e, rules, exclusions, prices)
    first, people, done = w.month, {}, []
    while first < w.last:
        m = truth.Month(w, e, rules, exclusions, prices, first)
        found = m.count()
        for a in m.last_seen.values():
            if not a.computer:
                people[a.sam] = m.tenant_of(a)
        done.append(found)
        first = world.next_month(first)
    for n, found in enumerate(done):
        for name in [f"truth-{found['month']}.json"] + ["truth.json"] * (n == 0):
            with open(f"{args.dir}/{name}", "w") as f:
                json.dump(found, f, indent=1, sort_keys=True)
    with open(f"{args.dir}/people.json", "w") as f:
        json.dump(people, f, sort_keys=True)
    print(f"seed {w.seed}: {w.zone_name}, every {w.every}d, gap {w.gap or 'none'}, months", *(f"{x['month']} {x['status']}" for x in done))


def read_on(w, r):
    """On which days the directory is read: as often as the config says, or, with the gap, once not."""
    w.read_on, last = set(), None
    outside = r.random() < .5
    for s in w.snaps:
        if s.date < w.month and not outside:
            continue
        border = s.date == w.month + (w.every - 1) * world.DAY
        if last is None or (s.date - last).days >= w.every or r.random() < .4 or s.date < w.month or (s.date.month != last.month):
            w.read_on.add(s.date)
            last = s.date
    first = w.month
    while first < w.last:                              # the last at most every days before the next month
        w.read_on.add(world.next_month(first) - world.DAY)
        first = world.next_month(first)
    if w.gap == "ldif":
        at = w.month + r.choice([0, r.randrange(1, 20), 27]) * world.DAY
        w.read_on -= {at + k * world.DAY for k in range(w.every)}
        if at == w.month + 27 * world.DAY:
            w.read_on = {d for d in w.read_on if not at <= d < world.next_month(w.month)}


def check(args):
    wrong = checks = 0

    def eq(what, got, want):
        nonlocal wrong, checks
        checks += 1
        if got != want:
            wrong += 1
            print(f"{what}: got {got!r}, want {want!r}")
    for path in sorted(glob.glob(f"{args.dir}/truth-*.json")):
        t = json.load(open(path))
        month = t["month"]
        if args.month and month != args.month:
            continue
        name = f"{args.dir}/out/{month}/statement-{month}.json"
        if not os.path.exists(name):
            eq(f"{month} statement", "missing", "written")
            continue
        s = json.load(open(name))
        eq(f"{month} status", s["status"], t["status"])
        lines = {x["product"]: x for x in s["lines"]}
        for p, q in {**t["totals"], **t["cores"]}.items():
            eq(f"{month} {p}", lines.get(p, {}).get("quantity", 0), q)
            eq(f"{month} {p} amount", lines.get(p, {}).get("amount", "0.00"), t["amounts"][p])
        eq(f"{month} other products", sorted(p for p in lines if p not in t["totals"] and p not in t["cores"] and lines[p]["quantity"]), [])
        tenants = {x["id"]: {p["product"]: p for p in x["lines"]} for x in s["tenants"]}
        for tid in sorted(set(tenants) | {x or "-unassigned" for x in t["tenants"]} | set(t["packs"])):
            rows = t["tenants"].get("" if tid == "-unassigned" else tid, {})
            for p in t["totals"]:
                for k in ("quantity", "active", "excluded"):
                    eq(f"{month} {tid} {p} {k}", tenants.get(tid, {}).get(p, {}).get(k, 0), rows.get(p, {}).get(k, 0))
            for p in t["cores"]:
                eq(f"{month} {tid} {p}", tenants.get(tid, {}).get(p, {}).get("quantity", 0), t["packs"].get(tid, {}).get(p, 0))
        for code, want in t["findings"].items():
            got = {re.split(r"[\\@]", f["subject"])[-1 if "\\" in f["subject"] else 0].lower() for f in s["findings"] if f["code"] == code}
            eq(f"{month} {code}", sorted(got), sorted(x.lower() for x in want))
    print(f"{checks} checks, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    s = p.add_subparsers(dest="do", required=True)
    m = s.add_parser("make")
    m.add_argument("dir")
    m.add_argument("--seed", type=int, required=True)
    for name, kind in [("zone", str), ("month", str), ("size", int), ("months", int), ("gap", str), ("tools", str)]:
        m.add_argument("--" + name, type=kind)
    c = s.add_parser("check")
    c.add_argument("dir")
    c.add_argument("month", nargs="?")
    a = p.parse_args()
    sys.exit(make(a) if a.do == "make" else check(a))
