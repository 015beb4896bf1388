# Counts who could use each product in a month, by customer, from the exports of
# a directory: FOLDER of exports named by their day, OUT.csv. What an administrator
# would write for it: Python's standard library, one export after the other.
import base64
import csv
import datetime
import glob
import os
import re
import sys
import zoneinfo

PRODUCTS = {"rds": "RDS-Users", "office-pro": "LIC-Office", "core-cal": "Everybody"}
ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")
CUSTOMER = re.compile(r",OU=(T\d+),OU=Customers,")
BINARY = {"objectguid", "objectsid"}
NEVER = 9223372036854775807


def entries(path):
    lines = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\r\n")
            if line.startswith(" ") and lines:
                lines[-1] += line[1:]
            elif line:
                lines.append(line)
            elif lines:
                yield attributes(lines)
                lines = []
    if lines:
        yield attributes(lines)


def attributes(lines):
    entry = {}
    for line in lines:
        if line.startswith("#"):
            continue
        name, _, value = line.partition(":")
        name = name.lower()
        if value.startswith(":"):
            value = base64.b64decode(value[1:])
            if name not in BINARY:
                value = value.decode("utf-8")
        else:
            value = value.strip()
        entry.setdefault(name, []).append(value)
    return entry


def filetime(moment):
    since = moment - datetime.datetime(1601, 1, 1, tzinfo=datetime.timezone.utc)
    return int(since.total_seconds()) * 10_000_000


def people(group, members, users, seen):
    if group in seen:
        return
    seen.add(group)
    for dn in members[group]:
        if dn in users:
            yield dn
        elif dn in members:
            yield from people(dn, members, users, seen)


allowed = {product: {} for product in PRODUCTS}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.ldif"))):
    day = datetime.date.fromisoformat(os.path.basename(path)[:10])
    now = filetime(datetime.datetime(day.year, day.month, day.day, tzinfo=ZONE))
    users, members, named = {}, {}, {}
    for e in entries(path):
        if "dn" not in e:
            continue
        dn, kinds = e["dn"][0], e.get("objectclass", [])
        if "group" in kinds:
            members[dn] = e.get("member", [])
            named[e["samaccountname"][0]] = dn
        elif "user" in kinds and "computer" not in kinds:
            expires = int(e.get("accountexpires", [NEVER])[0])
            enabled = not int(e["useraccountcontrol"][0]) & 2 and (expires == 0 or expires > now)
            users[dn] = (e["objectguid"][0], enabled)
    for product, group in PRODUCTS.items():
        for dn in people(named[group], members, users, set()):
            guid, enabled = users[dn]
            customer = CUSTOMER.search(dn)
            if enabled and customer:
                allowed[product][guid] = customer[1]

counts = {}
for product, persons in allowed.items():
    for customer in persons.values():
        counts[customer, product] = counts.get((customer, product), 0) + 1
with open(sys.argv[2], "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["tenant", "product", "quantity"])
    for (customer, product), n in sorted(counts.items()):
        w.writerow([customer.lower(), product, n])
