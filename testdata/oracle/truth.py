"""Counts a month the slow way: for each day, for each account, by the sentences of the design.

Reads only what the simulation kept: no file, and nothing of splameter."""
import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from math import ceil

from world import DAY, PLACEHOLDERS, days, next_month


def glob(pattern, text):
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]"))


def members(snap, names):
    """guids of those inside the groups, at any depth or by their primary group."""
    names = [n.lower() for n in names]
    todo, seen, found = [g.guid for g in snap.groups.values() if g.name.lower() in names], set(), set()
    while todo:
        g = snap.groups[todo.pop()]
        if g.guid in seen:
            continue
        seen.add(g.guid)
        found |= {a.guid for a in snap.accounts.values() if a.primary == g.rid}
        for m in g.members:
            if m in snap.groups:
                todo.append(m)
            elif m in snap.accounts:
                found.add(m)
    return found


def can_sign_in(a, snap):
    return a.enabled and not a.computer and (a.expires is None or a.expires > snap.instant)


class Month:
    def __init__(self, world, estate, rules, exclusions, prices, first):
        self.w, self.e, self.rules, self.exclusions, self.prices = world, estate, rules, exclusions, prices
        self.first, self.end = first, next_month(first)
        self.snaps = [s for s in world.snaps if first <= s.date < self.end and s.date in world.read_on]
        self.readings = [x for x in estate.readings if first <= x[0] < self.end]
        self.users = [p for p in rules if p["unit"] == "user"]
        self.cores = [p for p in rules if p["unit"] == "core"]

    # --- persons ---

    def tenant_of(self, account):
        best = None
        for t in self.w.tenants:
            if account.ou[-len(t["ou"]):] == t["ou"] and (best is None or len(t["ou"]) > len(best["ou"])):
                best = t
        return best["id"] if best else ""

    def find_persons(self):
        self.last_seen = {}
        for s in self.snaps:
            for a in s.accounts.values():
                self.last_seen[a.guid] = a
        self.find_entitled()
        shared = {}
        for a in self.last_seen.values():
            t = self.home[a.guid]
            if t and a.empid not in PLACEHOLDERS:
                shared.setdefault((t, a.empid), []).append(a.guid)
        self.person = {g: g for g in self.last_seen}
        for guids in shared.values():
            if len(guids) <= 3:
                for g in guids:
                    self.person[g] = min(guids, key=str)
        self.accounts_of = {}
        for g, p in self.person.items():
            self.accounts_of.setdefault(p, []).append(g)
        self.tenant = {p: self.home[p] for p in self.accounts_of}
        self.days = {}
        for date, g, x in self.rights:
            self.days.setdefault(self.person[g], {}).setdefault(x, set()).add((date, g))

    # --- who may use what, by day ---

    def in_force(self, x, date):
        return (not x.get("from") or x["from"] <= date) and (not x.get("until") or date <= x["until"])

    def installed(self, pool, patterns):
        return any(glob(h, host) and any(glob(p, name) for p in patterns for name in names)
                   for _, soft, _ in self.readings for host, names in soft.items() for h in pool["hosts"])

    def entitled_on(self, product, snap):
        found = members(snap, product.get("groups", []))
        for pool in self.e.pools:
            if not self.in_force(pool, snap.date):
                continue
            may = members(snap, pool["users"])
            if any(glob(x, pool["name"]) for x in product.get("pools", [])):
                found |= may
            if product.get("installed") and self.installed(pool, product["installed"]):
                reach = set(may)
                for x in pool["restrict"]:
                    if glob(x["product"], product["id"]) and x["control"] != "applocker-audit" and self.in_force(x, snap.date):
                        reach &= members(snap, x["users"])
                found |= reach
        return {g for g in found if can_sign_in(snap.accounts[g], snap)}

    def find_entitled(self):
        """Who could use what on which day, and each account's tenant: the one in which it was last entitled,
        none only where it never was within one; of an account without any right, the one it was last seen in."""
        self.rights, self.by_account = [], {}
        self.home = {g: self.tenant_of(a) for g, a in self.last_seen.items()}
        given = {}
        for s in self.snaps:
            for p in self.users:
                for g in self.entitled_on(p, s):
                    for x in [p["id"]] + p.get("with", []):
                        self.rights.append((s.date, g, x))
                        self.by_account.setdefault(g, set()).add(x)
                    given[g] = self.tenant_of(s.accounts[g]) or given.get(g, "")
        self.home.update(given)

    def active(self, person):
        return any(self.had_session(s) for s in self.w.sessions if s.guid in self.accounts_of[person])

    def had_session(self, s):
        a, b = self.w.instant(self.first), self.w.instant(self.end)
        return any(x < b and (y is None or y >= a) for x, y in s.remote)

    # --- exclusions ---

    def matches(self, e, guid, snap):
        kind, _, what = e["match"].partition(":")
        if e["match"] == "*":
            return True
        if kind == "user":
            return glob(what, snap.accounts[guid].sam)
        return kind == "group" and guid in members(snap, [what])

    def covered_by(self, e, person, product):
        """The days of a person's right on which the entry is in force and means every account that has it."""
        by_date = {s.date: s for s in self.snaps}
        found = {d for d, _ in self.days[person][product]}
        for d, g in self.days[person][product]:
            if not (self.in_force(e, d) and self.matches(e, g, by_date[d])):
                found.discard(d)
        return found

    def rank_of(self, product):
        return next(p for p in self.users if p["id"] == product)

    def candidates(self, person, gone):
        """The products the person is counted for: in each family the highest that is left."""
        best = {}
        for x in self.days.get(person, {}):
            p = self.rank_of(x)
            key = p.get("family") or x
            if x not in gone.get(person, set()) and (key not in best or p.get("rank", 0) > self.rank_of(best[key]).get("rank", 0)):
                best[key] = x
        return set(best.values())

    def exclude(self):
        """Entries together cover every day, or do nothing; those that mean the fewest choose first, then by id."""
        need = {(p, x): {d for d, _ in on} for p, products in self.days.items() for x, on in products.items()}
        bids = []
        for e in self.exclusions:
            if e["match"].startswith("host:"):
                continue
            means = {}
            for person, x in need:
                if e["tenant"] in ("*", self.tenant[person]) and glob(e["product"], x):
                    days_ = self.covered_by(e, person, x)
                    if days_:
                        means[person, x] = days_
            bids.append((len(means), e["id"], e["quantity"], means))
        bids.sort(key=lambda b: b[:2])
        reach = {c: set().union(*(m.get(c, set()) for _, _, _, m in bids)) for c in need}
        out = {c for c in need if need[c] and reach[c] == need[c]}

        def without_higher(out):                       # one for which a higher one is owed all the same
            def higher(c):
                p = self.rank_of(c[1])
                return [(c[0], x) for x in self.days[c[0]] if p.get("family") and self.rank_of(x).get("family") == p["family"]
                        and self.rank_of(x)["rank"] > p["rank"]]
            return {c for c in out if all(h in out for h in higher(c))}
        for _ in range(17):
            out = without_higher(out)
            got = {c: set() for c in need}
            for _, _, quantity, means in bids:
                queue = {}
                for c, on in means.items():
                    if c in out and on - got[c]:
                        start = min(need[c])
                        queue[c[0]] = min(queue.get(c[0], start), start)
                left = quantity
                for person in sorted(queue, key=lambda p: (queue[p], str(min(self.accounts_of[p], key=str)))):
                    if left is not None and left <= 0:
                        break
                    left = None if left is None else left - 1
                    for c, on in means.items():
                        if c[0] == person and c in out and on - got[c]:
                            got[c] |= on
            short = {c for c in out if got[c] != need[c]}
            out -= short
            if not short:
                break
        out = without_higher(out)
        self.gone, self.out = {}, {}                   # out[person] = products that show as excluded
        for person, x in out:
            self.gone.setdefault(person, set()).add(x)
            if x in self.candidates(person, {}):
                self.out.setdefault(person, set()).add(x)

    # --- machines ---

    def machines(self):
        found = {}
        for date, _, rows in self.readings:
            for row in rows:
                found.setdefault(row["id"] or row["host"].lower(), []).append(row)
        return found

    def guests(self):
        """host -> its different Windows guests in the month; a cluster's hosts have them all."""
        on, clusters = {}, {}
        for key, rows in self.machines().items():
            for row in rows:
                if row["kind"] == "virtual" and "windows" in row["operating_system"].lower():
                    on.setdefault(row["parent"].lower(), set()).add(key)
                if row["kind"] == "physical" and row["cluster"]:
                    clusters.setdefault(row["cluster"].lower(), set()).add(row["host"].lower())
        for hosts in clusters.values():
            every = set().union(*(on.get(h, set()) for h in hosts))
            for h in hosts:
                on[h] = set(every)
        return on

    def count_machines(self):
        self.packs, self.out_cores = {}, {}            # [tenant or '-shared'][product]
        guests = self.guests()
        for key, rows in self.machines().items():
            names = {r["host"].lower() for r in rows}
            physical = rows[0]["kind"] == "physical"
            cores = max(int(r["processors"]) * int(r["cores_per_processor"]) if physical else int(r["virtual_cores"]) for r in rows)
            processors = max(int(r["processors"] or 0) for r in rows)
            running = set().union(*(guests.get(n, set()) for n in names))
            due = {}                                   # product -> how many times
            windows = [r["windows_licence"] or ("datacenter" if "datacenter" in r["operating_system"].lower() else "standard" if
                       "standard" in r["operating_system"].lower() else "") for r in rows]
            if physical and (running or any("windows" in r["operating_system"].lower() for r in rows)):
                if "datacenter" in windows:
                    due["*Datacenter*"] = 1
                elif "standard" in windows:
                    due["*Standard*"] = max(1, len(running))
            sql = {r["sql_edition"].lower() for r in rows if r["sql_licence"] not in ("sal", "customer", "host")}
            edition = next((x for x in ("enterprise", "standard", "web") if x in sql), None)
            tenant = rows[-1]["tenant"] or "-shared"
            for p in self.cores:
                h = p["hosts"]
                if "operating_system" in h:
                    times = due.get(h["operating_system"][0], 0)
                else:
                    times = int(edition in [x.lower() for x in h["sql_edition"]])
                if not times:
                    continue
                least = max(cores, p["minimum"].get("per_machine", 0), p["minimum"].get("per_processor", 0) * processors if physical else 0)
                n = ceil(least * times / p["pack"])     # rounded up once per host
                into = self.out_cores if self.machine_excluded(names, tenant, p["id"]) else self.packs
                into.setdefault(tenant, {}).setdefault(p["id"], 0)
                into[tenant][p["id"]] += n

    def machine_excluded(self, names, tenant, product):
        for e in self.exclusions:
            kind, _, what = e["match"].partition(":")
            if kind in ("host", "*") and e["tenant"] in ("*", tenant) and glob(e["product"], product) and not e["quantity"] and (
                    kind == "*" or all(glob(what, n) for n in names)) and all(self.in_force(e, d) for d in days(self.first, self.end)):
                return True
        return False

    # --- all of it ---

    def count(self):
        self.find_persons()
        self.exclude()
        self.count_machines()
        rows, gone = {}, self.gone
        row = lambda t, p: rows.setdefault(t, {}).setdefault(p, {"quantity": 0, "active": 0, "excluded": 0})
        for person in self.days:
            t = self.tenant[person]
            for p in self.candidates(person, gone):
                row(t, p)["quantity"] += 1
                row(t, p)["active"] += self.active(person)
            for p in self.out.get(person, ()):
                row(t, p)["excluded"] += 1
        total = lambda p: sum(x[p]["quantity"] for x in rows.values() if p in x)
        prices = {}
        for p in self.rules:
            for part, unit, since, until in self.prices:
                if part == p["part"] and since <= self.first and (until is None or self.end - DAY <= until):
                    prices[part] = unit
        totals = {p["id"]: total(p["id"]) for p in self.users}
        cores = {p["id"]: sum(x.get(p["id"], 0) for x in self.packs.values()) for p in self.cores}
        amounts = {p["id"]: str((Decimal(prices[p["part"]]) * {**totals, **cores}[p["id"]]).quantize(Decimal("0.01"), ROUND_HALF_UP))
                   for p in self.rules if p["part"] in prices}
        return {"month": f"{self.first:%Y-%m}", "status": "incomplete" if self.gaps() else "complete", "gaps": self.gaps(), "totals": totals,
                "cores": cores, "tenants": rows, "packs": self.packs, "prices": prices, "amounts": amounts, "findings": self.findings()}

    def findings(self):
        sam = lambda g: self.last_seen[g].sam
        none = {sam(g) for g in self.by_account if not self.home[g]}
        pair = set()
        for g, products in self.by_account.items():
            mine = set(self.days[self.person[g]])
            if any(not self.holds(mine, need) for x in products for need in self.rank_of(x).get("requires", [])):
                pair.add(sam(g))
        with_pools = {p["id"] for p in self.users if p.get("pools")}
        session = set()
        for s in self.w.sessions:
            if s.ours and self.had_session(s) and not self.by_account.get(s.guid, set()) & with_pools and not self.is_admin(s.guid):
                session.add(sam(s.guid) if s.guid in self.last_seen else s.name)
        inside = [g for p in self.users for g in p.get("groups", [])] + [g for p in self.e.pools for g in p["users"]]
        disabled = set()
        for g, a in self.last_seen.items():
            held = [s for s in self.snaps if g in s.accounts]
            if not a.computer and not any(s.accounts[g].enabled for s in held) and any(g in members(s, inside) for s in held):
                disabled.add(a.sam)
        return {"session-without-entitlement": sorted(session), "disabled-in-group": sorted(disabled),
                "no-tenant": sorted(none), "product-pair": sorted(pair)}

    def holds(self, mine, need):
        """Whether one of mine is the product that is needed, or a higher one of its family."""
        n = self.rank_of(need)
        return any(x == need or n.get("family") and self.rank_of(x).get("family") == n["family"] and self.rank_of(x)["rank"] > n["rank"] for x in mine)

    def is_admin(self, guid):
        return guid in self.last_seen and any(
            e["ground"] == "admin" and e["tenant"] in ("*", self.tenant[self.person[guid]]) and self.in_force(e, s.date) and self.matches(e, guid, s)
            for e in self.exclusions for s in self.snaps if guid in s.accounts)

    # --- coverage ---

    def gaps(self):
        found, every = [], self.w.every
        seen = [self.first - DAY] + [s.date for s in self.snaps] + [self.end]
        if any((b - a).days > every for a, b in zip(seen, seen[1:])) or not self.snaps:
            found.append("directory")
        known = {h for _, soft, _ in self.readings for h in soft}
        if set(self.e.pool_hosts) - known or "JUMP01" in self.e.hosts:
            found.append("software")
        if self.w.instant(self.e.exported) < self.w.instant(self.end):
            found.append("exported")
        for h, ev in self.e.log.items():
            if ev and ev[0][5] > 1 and ev[0][0] > self.w.instant(self.first):
                found.append("log")
        return found
