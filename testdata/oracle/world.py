"""The made-up provider: its directory, its hosts and its sessions, lived day by day.

Nothing here counts a licence; truth.py does, from what was kept here."""
import copy, datetime as dt, random, uuid
from zoneinfo import ZoneInfo

UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)
MS = dt.timedelta(milliseconds=1)
BASE = "DC=hosting,DC=example"
FIRST = ["Anouk", "Bram", "Eva", "Jörg", "Łukasz", "Ngọc", "Zoë", "İpek", "Siobhán", "Kees", "Jan", "René"]
LAST = ["Jansen", "de Vries", "Müller", "O'Brien", "Yılmaz", "van 't Hoff", "Nguyễn", "Smit", "Kowalski", "Ó Súilleabháin"]
CITIES = ["Aalsmeer", "Bakkerij", "Cornelis", "Dekker", "Eemland", "Fokker", "Gouda", "Houtman"]
ZONES = ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo", "Pacific/Chatham",
         "Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "Africa/Cairo", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
MONTHS = [(2024, 2), (2028, 2), (2026, 2), (2026, 3), (2026, 4), (2026, 10), (2026, 11), (2026, 12), (2027, 1), (2025, 9), (2026, 6)]
LOCAL = ["LOCAL", "ローカル", "YEREL", "LOKAL"]
PLACEHOLDERS = ["", "-", "0", "n/a", "000000", "none", "unknown"]


def days(first, last):
    while first < last:
        yield first
        first += DAY


def next_month(d):
    return dt.date(d.year + d.month // 12, d.month % 12 + 1, 1)


class Account:
    """A directory object as one snapshot shows it."""

    def __init__(self, guid, rid, sam, cn, ou, empid):
        self.guid, self.rid, self.sam, self.cn, self.ou, self.empid = guid, rid, sam, cn, ou, empid
        self.upn = sam + "@hosting.example"
        self.enabled, self.expires, self.primary, self.computer, self.flags = True, None, 513, False, 512


class Group:
    def __init__(self, guid, rid, name, ou):
        self.guid, self.rid, self.name, self.ou, self.members = guid, rid, name, ou, set()


class Snap:
    def __init__(self, date, instant, accounts, groups):
        self.date, self.instant, self.accounts, self.groups = date, instant, accounts, groups


class Session:
    """remote: the stretches [from, until) that were no console; until None: never ended.
    ours: of a configured domain, so that somebody must answer for it."""

    def __init__(self, guid, name, host, remote, ours):
        self.guid, self.name, self.host, self.remote, self.ours = guid, name, host, remote, ours


class World:
    def __init__(self, seed, zone=None, month=None, size=None, months=None, gap=None):
        self.seed, r = seed, random.Random(seed)
        self.r = r
        self.zone_name = zone or r.choice(ZONES[:1] * 4 + ZONES)
        self.zone = ZoneInfo(self.zone_name)
        self.month = dt.date(*(month or r.choice(MONTHS)), 1)
        self.months = months or (2 if r.random() < .3 else 1)
        self.last = self.month
        for _ in range(self.months):
            self.last = next_month(self.last)
        self.size = size or r.choice([4, 8, 8, 14])
        self.gap = gap if gap is not None else r.choice(["", "", "", "", "ldif", "software", "log", "exported", "jump"])
        self.every = r.choice([1, 1, 1, 2, 3])           # days between two readings of the directory
        self.accounts, self.groups, self.snaps, self.rid, self.serial = {}, {}, [], 1100, 0
        self.events, self.sessions = {}, []
        self.sam_used = set()
        self.tenants_and_groups()
        self.people()
        self.start = self.month - r.choice([2, 3]) * DAY
        self.live()

    def instant(self, date, **clock):
        return dt.datetime(date.year, date.month, date.day, tzinfo=self.zone, **clock).astimezone(UTC)

    def chance(self, p):
        return self.r.random() < p

    def guid(self):
        return uuid.UUID(int=self.r.getrandbits(128))

    # --- who there is before the first day ---

    def tenants_and_groups(self):
        r = self.r
        self.tenants = []
        for n in range(r.randint(2, 5)):
            city = CITIES[n]
            ou = (city.lower(), "Customers")
            if n and self.chance(.25):
                ou = (city.lower(),) + self.tenants[r.randrange(n)]["ou"]      # a customer beneath a customer
            self.tenants.append({"id": city.lower(), "name": f"{city} & Zn. B.V.", "ou": ou, "internal": False,
                                 "language": r.choice(["nl", "en"]), "reseller": r.choice(["", "", "partner-west"])})
        self.tenants.append({"id": "own", "name": "Voorbeeld Hosting B.V.", "ou": ("Staff",), "internal": True,
                             "language": "nl", "reseller": ""})
        for name in ["RDS-Shared-Users", "RDS-Dedicated-Users", "RDS-Customers (all)", "RDS-Loop, nested", "APP-Visio-Std",
                     "APP-Visio-Pro", "APP-Office-Pro", "LIC-Office-Pro", "LIC-Office-Std", "LIC-Project-Std", "LIC-Project-Pro",
                     "LIC-Mail-Std", "LIC-Mail-Ent", "LIC-Share-Std", "LIC-Share-Ent", "SPLA-Admins", "SPLA-Admins-Inner", "NOT-SPLA", "Demo-Users"]:
            self.new_group(name, ("Groups",))
        g = self.named = {x.name: x for x in self.groups.values()}
        self.new_group("Domain Users", ("Users",), 513)
        g["RDS-Customers (all)"].members.add(g["RDS-Loop, nested"].guid)
        g["RDS-Loop, nested"].members.add(g["RDS-Customers (all)"].guid)
        g["SPLA-Admins"].members.add(g["SPLA-Admins-Inner"].guid)
        g["RDS-Shared-Users"].members.add(g["RDS-Customers (all)"].guid)
        if self.chance(.3):                            # a group of licences inside another
            g["LIC-Office-Std"].members.add(g["LIC-Office-Pro"].guid)
        for t in self.tenants:
            t["group"] = self.new_group(t["id"] + " RDS", ("Groups",) + t["ou"])
            into = r.choice(["RDS-Customers (all)", "RDS-Loop, nested", "RDS-Shared-Users", "RDS-Dedicated-Users"])
            g[into].members.add(t["group"].guid)
            if self.chance(.15):
                g["RDS-Dedicated-Users"].members.add(t["group"].guid)
        if self.chance(.1):
            g["RDS-Shared-Users"].members.add(next(x.guid for x in self.groups.values() if x.rid == 513))

    def new_group(self, name, ou, rid=None):
        self.rid += 1
        x = Group(self.guid(), rid or self.rid, name, ou)
        self.groups[x.guid] = x
        return x

    def new_account(self, tenant, sam=None, empid=None):
        r = self.r
        self.serial += 1
        self.rid += 1
        first, last, n = r.choice(FIRST), r.choice(LAST), self.serial
        cn = r.choice([f"{first} {last} {n}", f"{last}, {first} {n}", f'{first} "{last}" + {n}' if n % 9 == 0 else f"{first} {last} {n}"])
        sam = sam or f"u{n}x{r.randrange(1000, 9999)}"
        ou = r.choice([("Users",), (), ("Kantoor, 1e", "Users")]) + tenant["ou"] if tenant else ("Loose Ends",)
        a = Account(self.guid(), self.rid, sam, cn, ou, empid if empid is not None else f"E{n:05}")
        if tenant and self.chance(.4):
            a.upn = f"{sam}@{tenant['id']}.example"
        a.flags = r.choice([512, 66048, 512 | 0x10])
        a.born = True
        self.sam_used.add(sam.lower())
        self.accounts[a.guid] = a
        return a

    def people(self):
        r, g = self.r, self.named
        for t in self.tenants:
            for _ in range(max(2, int(self.size * r.uniform(.5, 1.5)))):
                a = self.new_account(t)
                self.equip(a, t)
            shape = r.random()
            if shape < .5:                             # two or three accounts of one person
                for a in [self.new_account(t, empid=f"E{90000 + self.serial}") for _ in range(1)]:
                    self.equip(a, t)
                    for _ in range(r.choice([1, 2])):
                        self.equip(self.new_account(t, empid=a.empid), t)
            elif shape < .7:                           # a value that is nobody's
                value = r.choice(PLACEHOLDERS)
                for _ in range(3):
                    self.equip(self.new_account(t, empid=value), t)
            elif shape < .85:                          # a value on too many accounts
                value = f"C{self.serial}"
                for _ in range(5):
                    a = self.new_account(t, empid=value)
                    a.settled = True
                    self.equip(a, t)
            if self.chance(.4):
                a = self.new_account(t, sam=f"svc-{r.choice(['scan', 'mail', 'backup'])}{self.serial}")
                self.equip(a, t)
            for _ in range(r.choice([0, 0, 1, 2])):    # disabled all along, and still in the group
                a = self.new_account(t)
                self.equip(a, t)
                a.enabled, a.fixed = False, True
        same = f"E{80000 + self.serial}"                       # one number in two tenants is two persons
        for t in self.tenants[:2]:
            a = self.new_account(t, empid=same)
            self.equip(a, t)
        for _ in range(r.choice([0, 1, 1, 2])):
            a = self.new_account(None)
            g[r.choice(["RDS-Shared-Users", "LIC-Office-Pro", "RDS-Dedicated-Users"])].members.add(a.guid)
        own = self.tenants[-1]
        for n in range(r.randint(1, 3)):
            a = self.new_account(own)
            a.fixed = True
            g[r.choice(["SPLA-Admins", "SPLA-Admins-Inner"])].members.add(a.guid)
            if self.chance(.7):
                own["group"].members.add(a.guid)
        for n in range(2):
            a = self.new_account(self.tenants[0], sam=f"HOSTPC{n}$", empid="")
            a.computer, a.primary, a.fixed, a.flags = True, 515, True, 4096

    def equip(self, a, t):
        """Gives a new account what its like has."""
        r, g = self.r, self.named
        if self.chance(.75):
            if self.chance(.15):
                a.primary = t["group"].rid             # in no member list then
            else:
                t["group"].members.add(a.guid)
        for name, p in [("LIC-Office-Pro", .15), ("LIC-Office-Std", .15), ("LIC-Project-Std", .1), ("LIC-Project-Pro", .08), ("APP-Visio-Std", .15),
                        ("APP-Visio-Pro", .1), ("APP-Office-Pro", .2), ("LIC-Mail-Std", .25), ("LIC-Mail-Ent", .1), ("LIC-Share-Std", .1),
                        ("LIC-Share-Ent", .1), ("NOT-SPLA", .1), ("Demo-Users", .08), ("RDS-Shared-Users", .05)]:
            if self.chance(p):
                g[name].members.add(a.guid)

    # --- the days ---

    def live(self):
        end = self.last + self.r.choice([0, 1]) * DAY
        self.renamed = {}
        for date in days(self.start, end):
            if date > self.start:
                self.change(date)
            self.snaps.append(Snap(date, self.instant(date), copy.deepcopy(self.accounts), copy.deepcopy(self.groups)))

    def change(self, date):
        r, g = self.r, self.named
        for a in list(self.accounts.values()):
            if getattr(a, "fixed", False) or not self.chance(.045):
                continue
            what = r.choice(["leave", "off", "on", "expire", "expire", "move", "inner", "rename", "group", "group", "group",
                             "ungroup", "ungroup", "primary", "loose", "on"])
            if getattr(a, "settled", False) and what in ("move", "loose"):
                continue
            if what == "leave":
                self.forget(a)
            elif what == "off":
                a.enabled = False
                if self.chance(.6):
                    for x in self.groups.values():
                        x.members.discard(a.guid)
            elif what == "on":
                a.enabled, a.expires = True, None
            elif what == "expire":
                n = r.choice([0, 0, 1, 2, 5, -2])
                a.expires = self.instant(date + n * DAY) + r.choice([dt.timedelta(0), dt.timedelta(hours=12), -dt.timedelta(seconds=1),
                                                                     dt.timedelta(seconds=1), dt.timedelta(hours=18, minutes=7)])
            elif what == "move":
                t = r.choice(self.tenants)
                a.ou = ("Users",) + t["ou"]
            elif what == "inner":
                a.ou = ("Archief",) + a.ou
            elif what == "loose":
                a.ou = ("Loose Ends",)
            elif what == "rename":
                if not a.sam.startswith("svc-") and date.day > 1 and date > self.month:
                    self.rename(a)
            elif what == "group":
                name = r.choice(list(g))
                if not name.startswith("SPLA") and name not in ("RDS-Customers (all)", "RDS-Loop, nested"):
                    g[name].members.add(a.guid)
            elif what == "ungroup":
                inside = sorted((x for x in self.groups.values() if a.guid in x.members), key=lambda x: x.rid)
                if inside:
                    r.choice(inside).members.discard(a.guid)
            elif what == "primary":
                a.primary = r.choice([513, r.choice(self.tenants)["group"].rid])
        for _ in range(r.choice([0, 0, 0, 1, 2])):
            t = r.choice(self.tenants)
            self.equip(self.new_account(t), t)
        if self.chance(.04) and self.every == 1 and self.gap != "ldif":      # a name that is free again, and a reading that shows it
            free = sorted(n for n, d in self.renamed.items() if (date - d).days > 10)
            if free:
                t = r.choice(self.tenants)
                self.equip(self.new_account(t, sam=free[0]), t)
                del self.renamed[free[0]]
        if self.chance(.05):                           # a whole customer comes or goes
            t = r.choice(self.tenants)
            for name in ("RDS-Loop, nested", "RDS-Dedicated-Users"):
                x = g[name].members
                (x.discard if t["group"].guid in x else x.add)(t["group"].guid)

    def rename(self, a):
        old = a.sam
        if old in self.renamed or getattr(a, "was", None) or self.every > 1 or self.gap == "ldif":
            return                                     # a name that no reading shows is nobody's
        a.was = old
        a.sam = f"r{self.serial}y{self.r.randrange(1000, 9999)}"
        a.cn = a.cn + " hernoemd"
        a.upn = a.sam + "@" + a.upn.split("@")[1]
        self.sam_used.add(a.sam.lower())
        self.renamed[old] = self.snaps[-1].date

    def forget(self, a):
        for x in self.groups.values():
            x.members.discard(a.guid)
        del self.accounts[a.guid]
