"""The made-up provider's machines, what is installed on them, and who worked there when."""
import datetime as dt

from world import DAY, LOCAL, MS, Session, days, next_month

DC, STD, ESX = "Microsoft Windows Server 2022 Datacenter", "Microsoft Windows Server 2019 Standard", "VMware ESXi 8.0.3"
NOISE = ["Microsoft Visio Viewer 2016", "Microsoft Office Proofing Tools 2016 - Nederlands", "7-Zip 24.08 (x64)", "Google Chrome",
         "Microsoft SQL Server 2012 Native Client "]
STANDARD, PRO = "Microsoft Office LTSC Standard 2021 - nl-nl", "Microsoft Office Professional Plus 2019 - en-us"
VISIO_STD, VISIO_PRO = "Microsoft Visio LTSC Standard 2021 - nl-nl", "Microsoft Visio Professional 2019 - en-us"
PROJECT = "Microsoft Project Standard 2019 - nl-nl"


class Estate:
    """readings: [(date, {host: [software]}, [row])], a row being a dict of the hosts table."""

    def __init__(self, world):
        self.w, self.r = world, world.r
        r = self.r
        self.pool_hosts = [f"RDSH-A{n:02}" for n in range(1, r.randint(2, 5))] + [f"RDSH-D{n:02}" for n in range(1, r.randint(2, 3))]
        self.set_pools()
        self.set_machines()
        self.read()
        self.work()

    def chance(self, p):
        return self.r.random() < p

    # --- pools ---

    def date_in(self, p=.5):
        """A date of the first month, or none."""
        w = self.w
        return w.month + self.r.randrange(-3, 33) * DAY if self.chance(p) else None

    def set_pools(self):
        r = self.r
        shared = {"name": "shared", "hosts": ["RDSH-A*"], "users": ["RDS-Shared-Users"], "restrict": []}
        dedicated = {"name": "dedicated", "hosts": ["rdsh-d??" if self.chance(.2) else "RDSH-D*"], "users": ["RDS-Dedicated-Users"], "restrict": []}
        self.pools = [shared, dedicated]
        if self.chance(.15):
            dedicated["from"] = self.date_in(1)
        elif self.chance(.15):
            dedicated["until"] = self.date_in(1)
        if self.chance(.2):                            # two pools on one host
            self.pools.append({"name": "overlap", "hosts": [self.pool_hosts[0]], "users": ["APP-Visio-Pro"], "restrict": []})
        for pool in (shared, dedicated):
            for product, group in [("visio-std", "APP-Visio-Std"), ("visio-pro", "APP-Visio-Pro"), ("office-pro", "APP-Office-Pro")]:
                if self.chance(.45):
                    x = {"product": product, "users": [group],
                         "control": r.choice(["applocker-enforced", "applocker-enforced", "application-masking", "ntfs", "applocker-audit"])}
                    if self.chance(.3):
                        x["from"] = self.date_in()
                        x["until"] = self.date_in() if not x["from"] else None
                    if self.chance(.5):
                        x["document"] = "policy of 2025"
                    pool["restrict"].append(x)

    # --- machines ---

    def set_machines(self):
        r = self.r
        self.machines = []                             # dicts; 'plan' holds what changes at which reading

        def add(host, kind, **more):
            m = {"host": host, "kind": kind, "processors": "", "cores_per_processor": "", "virtual_cores": "", "parent": "",
                 "operating_system": "", "sql_edition": "", "tenant": "", "id": "", "cluster": "", "windows_licence": "", "sql_licence": "", "plan": {}}
            m.update(more)
            self.machines.append(m)
            return m
        hv = []
        for n in range(r.randint(1, 3)):
            hv.append(add(f"HV{n + 1:02}", "physical", processors=r.choice([1, 2, 2]), cores_per_processor=r.choice([4, 6, 8, 10, 16]), operating_system=DC))
        for n in range(r.choice([0, 1, 2])):
            hv.append(add(f"ESX{n + 1}", "physical", processors=2, cores_per_processor=r.choice([6, 8, 12]), operating_system=ESX,
                          windows_licence=r.choice(["datacenter", "standard", "customer"]), cluster="esx-a" if self.chance(.5) else ""))
        for n in range(r.choice([0, 1, 2])):
            hv.append(add(f"STD{n + 1}", "physical", processors=r.choice([1, 2]), cores_per_processor=r.choice([4, 8, 10]), operating_system=STD,
                          cluster="std-a" if self.chance(.4) else ""))
        if self.chance(.5):
            add("FS-OLD", "physical", processors=1, cores_per_processor=r.choice([4, 8, 9]), operating_system=r.choice([STD, DC]), tenant=self.tenant())
        if self.chance(.3):
            add("LINUX1", "physical", processors=2, cores_per_processor=16, operating_system="Debian GNU/Linux 12")
        # Where a guest may come to stand on a host licensed for Standard, none runs Datacenter: the program would ask about it.
        guests = [STD] if any(m["operating_system"] == STD or m["windows_licence"] == "standard" for m in hv) else [DC, STD]
        for h in self.pool_hosts:
            add(h, "virtual", virtual_cores=8, parent=r.choice(hv[:1] + hv)["host"], operating_system=guests[0])
        for n in range(r.randint(1, 6)):
            add(f"SQL{n + 1:02}", "virtual", virtual_cores=r.choice([1, 2, 4, 5, 6, 8, 12]), parent=r.choice(hv)["host"],
                operating_system=r.choice(guests), sql_edition=r.choice(["Standard", "Standard", "Enterprise", "Express", "Web", "Developer", "standard"]),
                tenant=self.tenant(), sql_licence=r.choice(["", "", "", "core", "sal", "host", "customer"]))
        for n in range(r.choice([0, 1, 3])):
            add(f"LX{n + 1:02}", "virtual", virtual_cores=2, parent=r.choice(hv)["host"], operating_system="Ubuntu 24.04 LTS", tenant=self.tenant())
        for n in range(r.choice([0, 0, 1])):
            hv[0]["sql_edition"] = "Enterprise"
        self.by_id = self.chance(.5)
        for n, m in enumerate(self.machines):
            if self.by_id:
                m["id"] = f"vm-{self.w.seed % 1000}-{n}"
            if m["host"] in self.pool_hosts:
                continue
            x = r.random()
            if x < .12 and m["virtual_cores"] != "":
                m["plan"] = {"virtual_cores": r.choice([2, 4, 8, 16])}
            elif x < .2 and m["sql_edition"]:
                m["plan"] = {"sql_edition": r.choice(["Enterprise", "Standard"])}
            elif x < .28 and m["operating_system"] == STD and m["kind"] == "physical":
                m["plan"] = {"operating_system": DC}
            elif x < .36 and m["parent"]:
                m["plan"] = {"parent": r.choice(hv)["host"]}
            elif x < .44 and self.by_id and m["kind"] == "virtual":
                m["plan"] = {"host": m["host"] + "-NEW"}
            elif x < .5 and m["kind"] == "virtual":
                m["plan"] = {"gone": True}
            elif x < .56 and m["kind"] == "virtual":
                m["plan"] = {"new": True}

    def tenant(self):
        return self.r.choice([t["id"] for t in self.w.tenants] + [""])

    def read(self):
        """Two or three readings a month; each machine's plan comes true before one of the first month's."""
        w, r = self.w, self.r
        dates = []
        first = w.month
        while first < w.last:
            n = (first.replace(day=28) + 4 * DAY).replace(day=1)
            length = (n - first).days
            dates += sorted({first + k * DAY for k in r.sample(range(length), r.choice([2, 3]))})
            first = n
        if self.chance(.3):
            dates.insert(0, w.month - r.randint(1, 4) * DAY)
        inside = [d for d in dates if d >= w.month]
        change = inside[1]
        self.installed = [(h, n, None, None) for h in self.pool_hosts for n in NOISE[:r.randint(1, 5)]]
        a, d = [h for h in self.pool_hosts if "-A" in h], [h for h in self.pool_hosts if "-D" in h]
        for hosts, name, p in [(a, STANDARD, .8), (a, PRO, .3), (a, VISIO_STD, .6), (a, VISIO_PRO, .3), (d, PRO, .7), (d, STANDARD, .3),
                               (d, VISIO_PRO, .3), (a, PROJECT, .15)]:
            if not self.chance(p):
                continue
            x = r.random()
            if x < .5:
                self.installed += [(h, name, None, None) for h in hosts]
            elif x < .7:                               # on one host only
                self.installed.append((r.choice(hosts), name, None, None))
            elif x < .85:                              # seen once, on one host
                self.installed.append((r.choice(hosts), name, dates.index(change), dates.index(change) + 1))
            else:                                      # gone before the month
                self.installed.append((r.choice(hosts), name, 0, dates.index(inside[0])))
        self.readings = []
        hidden = r.choice(self.pool_hosts) if w.gap == "software" else None
        for n, date in enumerate(dates):
            soft = {h: [] for h in self.pool_hosts}
            for h, name, since, till in self.installed:
                if (since is None or n >= since) and (till is None or n < till):
                    soft[h].append(name)
            if hidden and date >= w.month:
                del soft[hidden]
            rows = []
            for m in self.machines:
                row, plan, later = dict(m), m["plan"], date >= change
                del row["plan"]
                if later and plan.get("gone") or not later and plan.get("new"):
                    continue
                row["until"] = change - DAY if plan.get("gone") else ""    # a machine that ends says so
                if later:
                    row.update((k, v) for k, v in plan.items() if k in row)
                rows.append(row)
            self.readings.append((date, soft, rows))

    # --- sessions ---

    def work(self):
        w, r = self.w, self.r
        self.hosts = list(self.pool_hosts) + (["JUMP01"] if w.gap == "jump" else [])
        self.format = {h: r.choice(["xml", "csv", "ndjson", "evtx", "xml16"]) for h in self.hosts}
        self.base = {h: 1 if self.chance(.7) else r.randrange(2, 9000) for h in self.hosts}
        self.raw = {h: [] for h in self.hosts}         # [instant, id, user, session id, address]
        self.busy = {h: [] for h in self.hosts}
        begin, end = w.instant(w.start), w.instant(w.last + DAY)
        self.boots = {h: w.instant(w.start) + dt.timedelta(seconds=r.randrange(86400, 86400 * 20)) if self.chance(.3) and self.format[h] != "evtx"
                      else None for h in self.hosts}
        for h in self.hosts:
            if self.base[h] > 1 or self.chance(.5):    # every log begins before the month
                t = begin + dt.timedelta(seconds=r.randrange(1, 3000))
                self.raw[h] += [[t, 21, h + "\\Administrator", 1, "LOCAL"], [t + MS * 900, 23, h + "\\Administrator", 1, ""]]
        workers, seen = {}, {}
        snap_of = {s.date: s for s in w.snaps}
        for date in days(w.start, w.last):
            snap = snap_of[date]
            for guid, a in snap.accounts.items():
                if a.computer:
                    continue
                p = workers.setdefault(guid, r.choice([0, 0, 0, .02, .1]))
                if r.random() < p:
                    self.session(a, guid, date, r.choice(self.hosts))
            if self.chance(.08):                       # those whom no snapshot knows
                name = f"ghost{r.randrange(5)}"
                self.session_of(None, name, r.choice([f"HOSTING\\{name}", f"{name}@hosting.example", f"OTHER\\{name}", f"{self.hosts[0]}\\{name}"]),
                                date, self.hosts[0], "plain")
        first = w.month
        while w.gap == "jump" and first < w.last:
            self.play(None, "ghost9", "OTHER\\ghost9", "JUMP01", "plain", w.instant(first) + dt.timedelta(days=9), w.instant(first) + dt.timedelta(days=9, hours=1))
            first = (first.replace(day=28) + 4 * DAY).replace(day=1)
        edge = [a for a in w.snaps[-1].accounts.values() if not a.computer]
        for kind in ("first", "before", "last", "after", "late", "took", "carried", "carried"):
            if self.chance(.6):
                a = r.choice(edge)
                self.edge(kind, a)
        for h in self.hosts:
            for n in range(3):
                t = begin + dt.timedelta(days=r.randrange(0, 28), seconds=r.randrange(80000))
                self.raw[h] += [[t, 21, f"Window Manager\\DWM-{n}", 90 + n, "LOCAL"], [t + MS * 40, 21, f"Font Driver Host\\UMFD-{n}", 90 + n, "LOCAL"]]
        self.number(begin, end)

    def spell(self, a):
        n = self.r.random()
        if n < .6:
            return "HOSTING\\" + a.sam
        if n < .75:
            return "hosting\\" + a.sam.upper()
        if n < .9:
            return a.upn if self.chance(.5) else a.upn.upper()
        return "Hosting.Example\\" + a.sam

    def session(self, a, guid, date, host):
        kind = self.r.choice(["plain"] * 4 + ["disc"] * 4 + ["console", "takeover", "arbitration", "long"])
        self.session_of(guid, a.sam, self.spell(a), date, host, kind)
        while self.chance(.2):                         # another one on the same host, beside it or after it
            self.session_of(guid, a.sam, self.spell(a), date, host, self.r.choice(["plain", "disc", "long"]))

    def sid(self, host, t0, t1):
        used = {s for s, a, b in self.busy[host] if a <= t1 and t0 <= b}
        s = next(n for n in range(2, 999) if n not in used)
        self.busy[host].append((s, t0, t1))
        return s

    def session_of(self, guid, name, user, date, host, kind):
        r, w = self.r, self.w
        t0 = w.instant(date) + dt.timedelta(milliseconds=r.randrange(1000, 80_000_000))
        t1 = t0 + dt.timedelta(seconds=r.randrange(60, 30_000))
        if kind == "long":
            t1 = t0 + dt.timedelta(days=r.randrange(1, 9), seconds=r.randrange(9999))
        self.play(guid, name, user, host, kind, t0, t1)

    def play(self, guid, name, user, host, kind, t0, t1, open_=False, late=None):
        r, w = self.r, self.w
        boot = self.boots[host]
        cut = boot if boot and t0 < boot and (open_ or boot < t1) else None
        if boot and abs((t0 - boot).total_seconds()) < 120:
            return
        second = w.instant(next_month(w.month))
        if t0 < second <= t1 or open_ and w.months > 1:    # under a name that the second month's readings may not show
            if any(getattr(x.accounts[guid], "was", None) for x in w.snaps if guid in x.accounts):
                return
        sid = self.sid(host, t0 - dt.timedelta(minutes=1), (t1 if not open_ else t1 + 400 * DAY) + dt.timedelta(minutes=1))
        ip = r.choice([f"10.{r.randrange(255)}.{r.randrange(255)}.7", "2001:db8::1f", "fe80::1:7c8d%10"])
        word = r.choice(LOCAL)
        mid = t0 + (t1 - t0) / 3
        mid = mid.replace(microsecond=mid.microsecond // 1000 * 1000)
        back = mid + (t1 - mid) / 2
        back = back.replace(microsecond=back.microsecond // 1000 * 1000)
        arb = [[t0 - MS * 30, 41, user, sid, ip], [t0 - MS * 20, 42, user, sid, ip]] if self.chance(.4) else []
        on = arb + [[t0, 21, user, sid, ip]] + ([[t0 + MS * 100, 22, user, sid, ip]] if self.chance(.8) else [])
        off = [[t1, 23, user, sid, ""]]
        if late or self.chance(.4):
            off += [[late or t1 + MS * 1500, 24, user, sid, ip], [(late or t1 + MS * 1500) + MS * 3, 40, "", sid, "12"]]
        remote = [(t0, t1)]
        if kind in ("disc", "long"):
            out = [[mid, 24, user, sid, ip], [mid + MS * 5, 40, "", sid, "0"]]
            if self.chance(.3):
                out.insert(0, [mid - MS * 2, 39, "", sid, ""])
            ev = on + out + ([[back, 25, user, sid, ip]] if self.chance(.7) else []) + off
        elif kind == "console":
            ev, remote = [[t0, 21, user, sid, word], [t0 + MS, 22, user, sid, word], [t1, 23, user, sid, ""]], []
        elif kind == "takeover":
            ev, remote = [[t0, 21, user, sid, word], [mid, 24, user, sid, word], [back, 25, user, sid, ip]] + off, [(back, t1)]
        elif kind == "arbitration":
            ev, remote = [[t0, 41, user, sid, ip], [t0 + MS, 42, user, sid, ip]], []
        elif kind == "carried":
            ev, remote = on + [[mid, 24, user, sid, ip]], [(t0, None)]
        else:
            ev = on + off
        if cut:
            ev = [e for e in ev if e[0] < cut]
            remote = [(a, min(b, cut) if b else cut) for a, b in remote if a < cut]
        head = user.split("\\")[0].lower() if "\\" in user else ""
        s = Session(guid, name, host, remote, guid is not None or head not in ("other", host.lower()))
        self.w.sessions.append(s)
        self.raw[host] += [e + [s] for e in ev]

    def edge(self, kind, a):
        """Sessions at the borders of the month, to the millisecond."""
        w, r = self.w, self.r
        host = r.choice(self.hosts)
        first, last = w.instant(w.month), w.instant(w.last)
        there = lambda d: any(s.date == d and a.guid in s.accounts for s in w.snaps)
        sec = dt.timedelta(seconds=1)
        hour = dt.timedelta(hours=1)
        before, d0, dn = w.month - DAY, w.month, w.last - DAY
        if kind == "first" and there(d0):
            self.play(a.guid, a.sam, self.spell_at(a, d0), host, "plain", first, first + hour)
        if kind == "before" and there(before):
            self.play(a.guid, a.sam, self.spell_at(a, before), host, "plain", first - hour, first - MS)
        if kind == "last" and there(dn):
            self.play(a.guid, a.sam, self.spell_at(a, dn), host, "plain", last - MS, last + hour)
        if kind == "after" and there(dn):
            self.play(a.guid, a.sam, self.spell_at(a, dn), host, "plain", last, last + hour)
        if kind == "late" and there(before):           # its 24 after its 23, and after the border
            self.play(a.guid, a.sam, self.spell_at(a, before), host, "plain", first - hour, first - sec, late=first + sec)
        if kind == "took" and there(before):           # a console before the border, remote after it
            self.play(a.guid, a.sam, self.spell_at(a, before), host, "takeover", first - hour, first + hour)
        if kind == "carried" and there(before):
            self.play(a.guid, a.sam, self.spell_at(a, before), host, "carried", first - 5 * hour, first - 2 * hour, open_=True)

    def spell_at(self, a, date):
        return self.spell(next(s.accounts[a.guid] for s in self.w.snaps if s.date == date))

    def number(self, begin, end):
        """Gives each host's events their order and record numbers, and cuts what no log holds."""
        w, r = self.w, self.r
        self.exported = w.last if self.chance(.6) else w.last + DAY
        if w.gap == "exported":
            self.exported = w.last - r.randint(1, 9) * DAY
        self.log = {}
        cut_host = self.cut_name = r.choice(self.hosts) if w.gap == "log" else None
        until = w.instant(self.exported)
        for h in self.hosts:
            ev = self.raw[h]
            boot = self.boots[h]
            if boot:
                ev.append([boot, 54, "", "", ""])
            ev = sorted((e for e in ev if begin <= e[0] < until and (e[1] != 39 or self.format[h] != "evtx")), key=lambda e: e[0])
            ev = [e[:5] + [self.base[h] + n, e[5] if len(e) > 5 else None] for n, e in enumerate(ev)]
            if h == cut_host:
                ev = self.begin_late(ev)
            self.log[h] = ev
        for s in w.sessions:                           # what is after the export is in no log
            s.remote = [(a, b) for a, b in s.remote if a < until]

    def begin_late(self, ev):
        """Leaves the beginning of a log away, up to a moment inside the month after which no
        session shows by its 23 alone, and forgets the sessions that nothing tells of any more."""
        w, r = self.w, self.r
        for _ in range(200):
            at = w.instant(w.month) + dt.timedelta(seconds=r.randrange(2 * 86400, 12 * 86400))
            kept, shown = [e for e in ev if e[0] >= at], {}
            for e in kept:
                if e[6] and e[1] not in (39, 40, 41, 42):
                    shown.setdefault(id(e[6]), (e[6], e[0], set()))[2].add(e[1])
            if kept and kept[0][5] > 1 and not any(ids == {23} for _, _, ids in shown.values()):
                break
        else:
            raise SystemExit("no moment to cut the log at")
        for s in w.sessions:
            if s.host != self.cut_name:
                continue
            if id(s) not in shown:
                s.remote = [x for x in s.remote if x[0] >= at]
            else:
                s.remote = [(max(a, shown[id(s)][1]), b) for a, b in s.remote if b is None or b >= at]
        return kept
