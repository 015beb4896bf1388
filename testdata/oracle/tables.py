"""What is agreed: the rules, exclusions and prices of a made-up provider, and its config."""
import datetime as dt, json, os

from world import DAY


def product(id, part, **more):
    return {"id": id, "part": part, "unit": more.pop("unit", "user"), **more}


def core(id, part, hosts, pack=2, **minimum):
    return product(id, part, unit="core", hosts=hosts, pack=pack, minimum=minimum)


def machines(pack, win, sql, web):
    found = [core("win-dc", "9EA-00039", {"kind": "physical", "operating_system": ["*Datacenter*"]}, pack, **win),
             core("win-std", "9EM-00562", {"kind": "physical", "operating_system": ["*Standard*"]}, pack, **win),
             core("sql-std", "7NQ-00302", {"sql_edition": ["Standard"]}, pack, **sql),
             core("sql-ent", "7JQ-00341", {"sql_edition": ["Enterprise"]}, pack, **sql)]
    return found + ([core("sql-web", "7KQ-00001", {"sql_edition": ["Web"]}, pack, **sql)] if web else [])


def rules(r):
    kind = r.randrange(3)
    if kind == 0:                                      # as in the acceptance month
        return [product("rds", "6WC-00002", pools=["*"], count="authorized"),
                product("office-std", "OFF-STD", family="office", rank=1, installed=["Microsoft Office* Standard 20??*"], requires=["rds"]),
                product("office-pro", "OFF-PRO", family="office", rank=2, groups=["LIC-Office-Pro"],
                        installed=["Microsoft Office* Professional Plus 20??*"], requires=["rds"]),
                product("visio-std", "VIS-STD", family="visio", rank=1, installed=["Microsoft Visio* Standard 20??*"], requires=["rds"]),
                product("project-std", "PRJ-STD", family="project", rank=1, groups=["LIC-Project-Std"], requires=["rds"]),
                ] + machines(2, {"per_processor": 8}, {"per_machine": 4}, True)
    if kind == 1:                                      # other families, ranks out of order, two of a kind added up
        return [product("project-pro", "PRJ-PRO", family="project", rank=20, groups=["LIC-Project-Pro"], requires=["rds"]),
                product("project-std", "PRJ-STD", family="project", rank=10, groups=["lic-project-std"], installed=["Microsoft Project Standard*"], requires=["rds"]),
                product("visio-pro", "VIS-PRO", family="visio", rank=2, installed=["microsoft visio* professional 20??*"], requires=["rds"]),
                product("visio-std", "VIS-STD", family="visio", rank=1, installed=["Microsoft Visio* Standard 20??*"], requires=["rds"]),
                product("office-pro", "OFF-PRO", family="office", rank=3, groups=["LIC-Office-Pro"],
                        installed=["Microsoft Office* Professional Plus 20??*"], requires=["rds"]),
                product("office-std", "OFF-STD", family="office", rank=2, groups=["LIC-Office-Std"], installed=["Microsoft Office* Standard 20??*"], requires=["rds"]),
                product("mail-std", "MAIL-STD", groups=["LIC-Mail-Std"]),
                product("mail-ent", "MAIL-ENT", groups=["LIC-Mail-Ent"], **{"with": ["mail-std"]}),
                product("share-ent", "SHR-ENT", groups=["LIC-Share-Ent"], requires=["share-std"]),
                product("share-std", "SHR-STD", groups=["LIC-Share-Std"]),
                product("rds", "6WC-00002", pools=["*"]),
                ] + machines(2, {"per_processor": 8, "per_machine": 16}, {"per_machine": 4}, True)
    return [product("rds", "6WC-00002", pools=["shared", "overlap"], family="desktop", rank=1),
            product("rds-own", "6WC-00003", pools=["ded*"], family="desktop", rank=2),
            product("office-std", "OFF-STD", family="apps", rank=1, groups=["LIC-Office-Std"], installed=["*Office* Standard 20??*"]),
            product("visio-std", "VIS-STD", family="apps", rank=2, groups=["APP-Visio-Std"]),
            product("office-pro", "OFF-PRO", family="apps", rank=3, installed=["Microsoft Office Professional Plus 2019*"]),
            product("share-ent", "SHR-ENT", groups=["LIC-Share-Ent", "LIC-Mail-Ent"], family="share", rank=2, requires=["office-std", "rds"]),
            product("share-std", "SHR-STD", groups=["LIC-Share-Std"], family="share", rank=1),
            ] + machines(r.choice([1, 2, 4]), {"per_processor": r.choice([8, 10])}, {"per_machine": r.choice([2, 4, 6])}, True)


def exclusions(world, r):
    def entry(tenant, product, ground, match, quantity=None, since=None, until=None):
        return {"id": f"X{len(found) + 1}", "tenant": tenant, "product": product, "ground": ground, "match": match, "quantity": quantity,
                "document": "paper", "from": since, "until": until}

    def dates():
        inside = lambda: world.month + r.randrange(0, 28) * DAY
        old, future = dt.date(2023, 1, 1), dt.date(2031, 12, 31)
        return r.choice([(None, None), (old, None), (None, future), (old, future), (old, future), (old, dt.date(2023, 12, 31)),
                         (inside(), None), (old, inside()), (inside(), inside()), (world.month, world.last - DAY)])
    found = []
    found.append(entry("own", "*", "admin", "group:SPLA-Admins", 20, dt.date(2023, 1, 1)))
    tenants = [t["id"] for t in world.tenants] + ["*"]
    for _ in range(r.randint(1, 7)):
        since, until = dates()
        since, until = (until, since) if since and until and since > until else (since, until)
        ground, match, quantity = r.choice([("service-account", "user:svc-*", None), ("customer-owned", "group:NOT-SPLA", None), ("demo", "group:demo-users", r.randint(1, 3)),
                                            ("flexible-virtualization", "*", r.choice([1, 2, 3, 5, 1000])), ("customer-owned", "user:u?x*", 2),
                                            ("provider-test", "group:RDS-Customers (all)", r.randint(1, 9))])
        found.append(entry(r.choice(tenants), r.choice(["*", "office-*", "office-*", "office-pro", "rds", "visio-*", "rds*", "*-std", "project-*"]) if match != "*" else
                           r.choice(["office-*", "office-pro", "rds", "visio-*", "project-*", "share-*"]), ground, match, quantity, since, until))
    if r.random() < .5:
        found.append(entry("*", "sql-*", "passive-node", r.choice(["host:SQL01*", "host:sql0?"]), None, r.choice([None, dt.date(2023, 5, 1)]),
                           r.choice([None, None, dt.date(2023, 6, 30), dt.date(2031, 1, 1)])))
    return found


def prices(rules, r):
    found = []
    for p in rules:
        unit, year = r.randrange(30000, 900000), 2023
        while year < 2029:
            n = r.choice([1, 1, 2])
            until = None if year + n >= 2029 else dt.date(year + n - 1, 12, 31)
            found.append((p["part"], f"{unit / 10000:.4f}", dt.date(year, 1, 1), until))
            unit, year = int(unit * 1.05), year + n
    r.shuffle(found)
    return found


def table(path, header, rows):
    import csv
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows([["" if v is None else v for v in row] for row in rows])


def write(folder, world, estate, rules, exclusions, prices):
    dn = lambda ou: ",".join(f"OU={x}" for x in ou) + ",DC=hosting,DC=example"
    table(f"{folder}/tenants.csv", "id,name,ou,reseller,street,postal_code,city,country,contact,email,language,internal,named_users".split(","),
          [[t["id"], t["name"], dn(t["ou"]), t["reseller"], "Wattstraat 1", "2171 TR", "Lisse", "NL", "", f"licenties@{t['id']}.example", t["language"],
            "yes" if t["internal"] else "", ""] for t in world.tenants])
    keys = "id,tenant,product,ground,match,quantity,document,from,until".split(",")
    table(f"{folder}/exclusions.csv", keys, [[e[k] for k in keys] for e in exclusions])
    table(f"{folder}/prices.csv", "part_number,currency,unit_price,from,until".split(","), [[p, "EUR", unit, a, b] for p, unit, a, b in prices])
    covered = set()                                    # licences of others, each decided on as its paper says
    for m in estate.machines:
        for host in {m["host"], m["plan"].get("host", m["host"])}:
            if m["sql_licence"] in ("sal", "host", "customer"):
                covered.add(f"question|entry|{host.lower()}|sql_licence {m['sql_licence']}")
            if m["windows_licence"] == "customer":
                covered.add(f"question|entry|{host.lower()}|windows_licence customer")
    decided = [[k, "covered", "C. de Vries", "paper", ""] for k in sorted(covered)]
    decided += [[f"question|group|{g.lower()}", "free", "C. de Vries", "gives nothing here", ""] for g in sorted({g.name for s in world.snaps for g in s.groups.values()})]
    decided += [["question|domain|" + d, "foreign", "C. de Vries", "a supplier's", ""] for d in ("S-1-5-21-1-2-3", "other")]
    table(f"{folder}/decisions.csv", "key,decision,by,reason,until".split(","), decided)
    j = lambda x: json.dumps(x, default=str, ensure_ascii=False)
    lines = ['version: "oracle"', "products:"]
    for p in rules:
        lines += [f"  - id: {p['id']}", f"    name: {{en: {j(p['id'] + ' licence')}, nl: {j('licentie ' + p['id'])}}}", f"    part_number: {p['part']}", f"    unit: {p['unit']}"]
        lines += [f"    {k}: {j(p[k])}" for k in ("count", "family", "rank", "requires", "with", "hosts", "pack", "minimum") if k in p]
        entitled = {k: p[k] for k in ("groups", "installed", "pools") if k in p}
        if entitled:
            lines.append(f"    entitled: {j(entitled)}")
    save(f"{folder}/rules.yaml", lines)
    c = [f"""provider:
  name: Voorbeeld Hosting B.V.
  agreement: "S1234567"
  enrollment: "7654321"
  reporter: {{name: Licentiebeheer, email: licenties@hosting.example}}
  country: NL
  time_zone: {world.zone_name}
  language: nl
  currency: EUR
store: sqlite:var/splameter.db
output: out
tenants: tenants.csv
exclusions: exclusions.csv
decisions: decisions.csv
prices: prices.csv
rules: rules.yaml
person: [employeeID]
checks: {{exclusions_max_share: 100, decrease_look: 100}}
coverage:
  directory_every: {world.every}d
  inventory_every: 31d
directories:
  - name: hosting
    domain: HOSTING
    ldif: directory/*.ldif
sessions:
  - name: session-hosts
    files: [events/*]
    exported: {estate.exported}
inventories:
  - name: estate
    software: inventory/software-*.csv
    hosts: inventory/hosts-*.csv
pools:"""]
    for p in estate.pools:
        c.append(f"  - name: {p['name']}\n    hosts: {j(p['hosts'])}\n    users: {j(p['users'])}")
        c += [f"    {k}: {p[k]}" for k in ("from", "until") if p.get(k)]
        c += ["    restrict:"] * bool(p["restrict"])
        for x in p["restrict"]:
            c.append(f"      - product: {x['product']}")
            c += [f"        {k}: {j(x[k]) if k == 'users' else x[k]}" for k in ("users", "control", "document", "from", "until") if x.get(k)]
    save(f"{folder}/config.yaml", c)


def save(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
